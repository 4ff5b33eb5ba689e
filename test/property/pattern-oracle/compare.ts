import type { Found, PatternOptions } from './options.ts';
import { mayRepeatMatches } from './range.ts';

/** What was found, in a form that can be compared: matches as a multiset, timed-out partial matches as a set. */
export interface Comparable {
  readonly matches: readonly string[];
  readonly timedOut: readonly string[];
}

/**
 * Of a pattern for which Flink may list a match several times, each match once. With `named`, a match says which element took
 * each record: for two that both say it.
 */
export function foundFor(options: PatternOptions, { matches, elements, timedOut }: Found, named = false): Comparable {
  const listed = matches.map((ids, at) => ids.map((id, place) => (named ? `${elements?.[at]?.[place]}:${id}` : id)).join(' '));
  return {
    matches: (mayRepeatMatches(options) ? [...new Set(listed)] : listed).toSorted(),
    timedOut: [...new Set(timedOut.map(({ ids, time }) => `${ids.join(' ')} @${time}`))].toSorted(),
  };
}
