import fc from 'fast-check';
import { patternCases } from '../../conformance/pattern-cases.ts';
import { type PatternWorld, patternWorlds } from './arbitraries.ts';
import { foundFor } from './compare.ts';
import { naiveMatches } from './naive-matcher.ts';
import type { Found, PatternEvent, PatternOptions } from './options.ts';

/** Something that finds the matches of a pattern in the records of one key, which come in the order of their times. */
export type Matcher = (options: PatternOptions, events: readonly PatternEvent[]) => Found;

/** A case in which a matcher and what is expected of it differ. */
export interface Difference {
  readonly name: string;
  readonly source: string;
  readonly found: ReturnType<typeof foundFor>;
  readonly expected: ReturnType<typeof foundFor>;
}

/** The cases of Flink that a matcher answers otherwise. Where Flink leaves the answer to chance, their number is compared. */
export function casesAnsweredOtherwise(matcher: Matcher): Difference[] {
  return patternCases.flatMap(({ name, source, options, events, matches, timedOut = [] }) => {
    const answer = matcher(options, events);
    const found = foundFor(options, options.timed_out === 'emit' ? answer : { ...answer, timedOut: [] });
    const expected = foundFor(options, { matches, timedOut });
    const same = leftToChance({ options, events })
      ? found.matches.length === expected.matches.length
      : JSON.stringify(found) === JSON.stringify(expected);
    return same ? [] : [{ name, source, found, expected }];
  });
}

/**
 * That a matcher finds in random patterns and records what trying everything finds. It may get the records in any order and cuts;
 * at the end its watermark is that of the last record, or `watermark`.
 */
export function agreesWithNaive(matcher: (world: PatternWorld) => Found, watermark?: number): fc.IProperty<[PatternWorld]> {
  return fc.property(patternWorlds, (world) => differs(world, matcher(world), watermark) === undefined);
}

/** What a matcher found and what it should have found, or undefined where these are the same or the choice is left to chance. */
export function differs(
  { options, events }: PatternWorld,
  answer: Found,
  watermark?: number,
): Omit<Difference, 'name' | 'source'> | undefined {
  const naive = naiveMatches(options, events, watermark);
  if (naive.ambiguous) return undefined;
  const named = answer.elements !== undefined;
  const [found, expected] = [foundFor(options, answer, named), foundFor(options, naive, named)];
  return JSON.stringify(found) === JSON.stringify(expected) ? undefined : { found, expected };
}

function leftToChance({ options, events }: PatternWorld): boolean {
  return options.skip !== undefined && naiveMatches(options, events).ambiguous;
}
