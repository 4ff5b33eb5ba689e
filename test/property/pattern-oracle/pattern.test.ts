import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern } from '../../../src/steps/pattern.ts';
import { malformedPatterns } from '../../conformance/malformed-patterns.ts';
import { agreesWithNaive, casesAnsweredOtherwise, differs, type Matcher } from './against.ts';
import { patternWorlds } from './arbitraries.ts';
import { naiveMatches } from './naive-matcher.ts';
import type { Found } from './options.ts';
import { outOfRange } from './range.ts';
import { shuffledStepMatches, stepMatches } from './step-matcher.ts';

/**
 * Matchers held against Flink's cases and against trying everything. To add one: give it the form of `Matcher`, expect no
 * `casesAnsweredOtherwise`, and assert `agreesWithNaive`.
 */
const matchers: Readonly<Record<string, Matcher>> = {
  'the naive matcher': naiveMatches,
  'the step': stepMatches,
  'the step, restarted after each record': (options, events) => stepMatches(options, events, true),
  'the step, given records in another order': shuffledStepMatches,
};

const RUNS = 300;

describe.each(Object.entries(matchers))('%s', (_name, matcher) => {
  it('agrees with trying everything on random patterns', () => {
    fc.assert(
      agreesWithNaive(({ options, events }) => matcher(options, events)),
      { numRuns: RUNS },
    );
  });
});

describe.each(Object.entries(matchers).filter(([name]) => name.startsWith('the step')))('%s', (_name, matcher) => {
  it('answers the cases of Flink as Flink does', () => {
    expect(casesAnsweredOtherwise(matcher)).toEqual([]);
  });
});

describe('the step', () => {
  // Flink cannot skip to an element of a group; there is no reason why one should not.
  const refused = malformedPatterns.filter(({ name }) => name !== 'a skip to an element inside a group');

  it.each(refused)('refuses $name', ({ options }) => {
    expect(pattern.options.safeParse(options).success).toBe(false);
  });
});

describe('the comparison', () => {
  const worlds = fc.sample(patternWorlds, { numRuns: 500, seed: 1 });
  const matching = worlds.filter(({ options, events }) => naiveMatches(options, events).matches.length > 0);

  it('draws patterns of the range, and enough that match', () => {
    expect(worlds.filter(({ options }) => outOfRange(options) !== undefined)).toEqual([]);
    expect(matching.length).toBeGreaterThan(150);
    const kinds = ['next', 'followed_by_any', 'not_next', 'not_followed_by', 'until', 'greedy', 'optional', 'times', 'within'];
    const drawn = JSON.stringify(worlds);
    expect(kinds.filter((kind) => !drawn.includes(`"${kind}":`))).toEqual([]);
  });

  const losing =
    (lose: (found: Found) => Found): Matcher =>
    (options, events) =>
      lose(naiveMatches(options, events));

  it.each(
    Object.entries({
      'a match that is missing': losing((found) => ({ ...found, matches: found.matches.slice(1) })),
      'a match that is there twice': losing((found) => ({ ...found, matches: [...found.matches, ...found.matches.slice(0, 1)] })),
      'a record that is not of the match': losing((found) => ({ ...found, matches: found.matches.map((ids) => ids.slice(1)) })),
    }),
  )('shows %s', (_name, wrong) => {
    const shown = matching.filter(({ options, events }) => differs({ options, events }, wrong(options, events)) !== undefined);
    expect(shown.length).toBeGreaterThan(0.8 * matching.length);
    expect(casesAnsweredOtherwise(wrong).length).toBeGreaterThan(150);
  });

  it('shows a partial match that timed out and is missing', () => {
    const late = worlds.filter(({ options, events }) => naiveMatches(options, events).timedOut.length > 0);
    const wrong = losing((found) => ({ ...found, timedOut: found.timedOut.slice(1) }));
    expect(late.length).toBeGreaterThan(10);
    expect(late.filter((world) => differs(world, wrong(world.options, world.events)) === undefined)).toEqual([]);
  });
});
