import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemsOf } from './check.ts';
import { type Story, stories } from './story.ts';

describe('window operators, however their input is cut, and whatever fails or dies', () => {
  it.each(Object.entries(stories))('give what a batch computation gives: %s', (_name, arbitrary: fc.Arbitrary<Story>) => {
    fc.assert(
      fc.property(arbitrary, (story) => {
        expect(problemsOf(story)).toEqual([]);
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    );
  });
});
