import type { Found, PatternOptions } from './options.ts';
import { mayRepeatMatches } from './range.ts';

/** What was found, in an order of its own: matches as a multiset, timed-out partial matches as a set. */
export function found({ matches, timedOut }: Found): { matches: string[]; timedOut: string[] } {
  return {
    matches: matches.map((ids) => ids.join(' ')).toSorted(),
    timedOut: [...new Set(timedOut.map(({ ids, time }) => `${ids.join(' ')} @${time}`))].toSorted(),
  };
}

/** The same, with each match once where the pattern is one for which Flink may list it several times. */
export function foundFor(options: PatternOptions, each: Found): ReturnType<typeof found> {
  const { matches, timedOut } = found(each);
  return { matches: mayRepeatMatches(options) ? [...new Set(matches)] : matches, timedOut };
}

export function sameMatches(options: PatternOptions, one: Found, other: Found): boolean {
  return JSON.stringify(foundFor(options, one)) === JSON.stringify(foundFor(options, other));
}
