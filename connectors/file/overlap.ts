import { sep } from 'node:path';
import { expandBraces, isMagic, nameSource } from './glob.ts';

/** The patterns of `exclude` (absolute, like `include`) that no path can match which a pattern of `include` matches: by index. */
export function excludesNothing(include: readonly string[], exclude: readonly string[]): number[] {
  const included = include.flatMap(expandBraces).map(segmentsOf);
  return exclude.flatMap((pattern, i) => {
    const excluded = expandBraces(pattern).map(segmentsOf);
    return excluded.some((one) => included.some((other) => mayMeet(one, other))) ? [] : [i];
  });
}

function segmentsOf(pattern: string): string[] {
  return pattern.split(sep).slice(1);
}

/** Whether there may be a path that both patterns match: false only where there is none. */
function mayMeet(one: readonly string[], other: readonly string[]): boolean {
  for (let i = 0; i < Math.max(one.length, other.length); i += 1) {
    const [a, b] = [one[i], other[i]];
    // What `**` stands for is not looked into.
    if (a === '**' || b === '**') return true;
    if (a === undefined || b === undefined || !mayName(a, b)) return false;
  }
  return true;
}

function mayName(a: string, b: string): boolean {
  if (isMagic(a)) return isMagic(b) || matches(a, b);
  return isMagic(b) ? matches(b, a) : a === b;
}

function matches(pattern: string, name: string): boolean {
  return new RegExp(`^${nameSource(pattern)}$`, 's').test(name);
}
