import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planted } from '../../support/planted.ts';
import { faults } from './faults.ts';
import { type Story, stories } from './story.ts';

const CHECK = fileURLToPath(new URL('./check.ts', import.meta.url));
/** What has no faults planted into it, and takes long to load. */
const SHARED = ['src/expression', 'src/record', 'src/errors', 'src/sdk', 'src/steps/time', 'src/stream/aggregate'];
/** Within so many stories a fault must have shown. */
const MOST_STORIES = 400;

describe('the check of windows, where there is', () => {
  it.each(Object.entries(faults))('%s', async (_name, { shownBy, patches }) => {
    const { problemsOf } = (await import(planted(CHECK, patches, SHARED))) as typeof import('./check.ts');
    const arbitrary: fc.Arbitrary<Story> = stories[shownBy];
    const found = fc.check(
      fc.property(arbitrary, (story) => problemsOf(story).length === 0),
      { numRuns: MOST_STORIES, endOnFailure: true, seed: 7 },
    );
    expect(found.failed).toBe(true);
    // It is shown by what differs, not by something that throws.
    expect(problemsOf(found.counterexample?.[0] as Story)).not.toEqual([]);
  });
});
