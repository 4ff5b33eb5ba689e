import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planted } from '../../support/planted.ts';
import { casesAnsweredOtherwise, differs, type Matcher } from './against.ts';
import { patternWorlds } from './arbitraries.ts';
import { stepFaults } from './step-faults.ts';

const MATCHER = fileURLToPath(new URL('./step-matcher.ts', import.meta.url));
/** What has no faults planted into it, and takes long to load. */
const SHARED = ['src/expression', 'src/record', 'src/errors', 'src/sdk', 'src/stream/aggregate'];
/** Within so many random patterns a fault must have shown that does not show in Flink's cases. */
const MOST_WORLDS = 1500;

describe("Flink's cases and random patterns show", () => {
  const worlds = fc.sample(patternWorlds, { numRuns: MOST_WORLDS, seed: 11 });

  it.each(Object.entries(stepFaults))('%s', async (_name, fault) => {
    const { stepMatches, shuffledStepMatches } = (await import(
      planted(MATCHER, [fault], SHARED)
    )) as typeof import('./step-matcher.ts');
    const restarted: Matcher = (options, events) => stepMatches(options, events, true);
    const isShownBy = (matcher: Matcher): boolean =>
      casesAnsweredOtherwise(matcher).length > 0 ||
      worlds.some((world) => differs(world, matcher(world.options, world.events)) !== undefined);
    expect([stepMatches, restarted, shuffledStepMatches].some(isShownBy)).toBe(true);
  });
});
