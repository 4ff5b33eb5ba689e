import { describe, expect, it, test } from 'vitest';
import { patternCases } from '../../conformance/pattern-cases.ts';
import { found, sameMatches } from './compare.ts';
import { naiveMatches } from './naive-matcher.ts';
import { outOfRange } from './range.ts';

const inRange = patternCases.filter(({ options }) => outOfRange(options) === undefined);

describe('the naive matcher', () => {
  it('has most cases in its range', () => {
    expect(patternCases.length).toBeGreaterThan(200);
    expect(inRange.length).toBeGreaterThan(0.95 * patternCases.length);
  });

  test.each(inRange.map((each) => [each.name, each] as const))(
    'finds what Flink finds: %s',
    (_name, { options, events, matches, timedOut }) => {
      const naive = naiveMatches(options, events);
      if (naive.ambiguous) expect(naive.matches).toHaveLength(matches.length);
      else expect(found(naive)).toEqual(found({ matches, timedOut: timedOut ?? [] }));
      expect(sameMatches(options, naive, naive)).toBe(true);
    },
  );
});
