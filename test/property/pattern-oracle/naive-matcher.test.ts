import { describe, expect, it, test } from 'vitest';
import { patternCases } from '../../conformance/pattern-cases.ts';
import { foundFor } from './compare.ts';
import { naiveMatches } from './naive-matcher.ts';
import { outOfRange } from './range.ts';

/** What these expect follows from the states that Flink builds for `until` there: see `outOfRange`. */
const BEYOND = [
  'greedy: testGreedyUntilZeroOrMoreWithDummyEventsAfterQuantifier',
  'greedy: testGreedyUntilWithDummyEventsBeforeQuantifier',
  'greedy: testGreedyUntilOneOrMoreWithDummyEventsAfterQuantifier',
  'greedy: testGreedyUntilOneOrMoreWithDummyEventsBeforeQuantifier',
  'groups: testGroupFollowedByOneOrMoreWithUntilCondition',
];

const judged = patternCases.filter(({ name }) => !BEYOND.includes(name));

describe('the naive matcher', () => {
  it('judges all cases but those that it names', () => {
    expect(patternCases.length).toBeGreaterThan(200);
    expect(judged).toHaveLength(patternCases.length - BEYOND.length);
    const beyond = patternCases.filter(({ name }) => BEYOND.includes(name));
    expect(beyond.filter(({ options }) => outOfRange(options) === undefined)).toEqual([]);
  });

  test.each(judged.map((each) => [each.name, each] as const))(
    'finds what Flink finds: %s',
    (_name, { options, events, ...expected }) => {
      const naive = naiveMatches(options, events);
      const wanted = { matches: expected.matches, timedOut: expected.timedOut ?? [] };
      if (!naive.ambiguous) expect(foundFor(options, naive)).toEqual(foundFor(options, wanted));
      else expect(naive.matches).toHaveLength(wanted.matches.length);
    },
  );
});
