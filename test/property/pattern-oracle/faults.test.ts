import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planted } from '../../support/planted.ts';
import { differs } from './against.ts';
import { patternWorlds } from './arbitraries.ts';
import { faults } from './faults.ts';

const MATCHER = fileURLToPath(new URL('./naive-matcher.ts', import.meta.url));
/** Within so many random patterns a fault must have shown. */
const MOST_WORLDS = 4000;

describe('random patterns show', () => {
  const worlds = fc.sample(patternWorlds, { numRuns: MOST_WORLDS, seed: 11 });

  it.each(Object.entries(faults))('%s', async (_name, fault) => {
    const { naiveMatches } = (await import(planted(MATCHER, [fault]))) as typeof import('./naive-matcher.ts');
    expect(worlds.some((world) => differs(world, naiveMatches(world.options, world.events)) !== undefined)).toBe(true);
  });
});
