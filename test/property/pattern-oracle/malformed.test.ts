import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { malformedPatterns } from '../../conformance/malformed-patterns.ts';
import { patternCases } from '../../conformance/pattern-cases.ts';
import { patternWorlds } from './arbitraries.ts';
import { whyMalformed } from './malformed.ts';

describe('a pattern', () => {
  test.each(malformedPatterns.map((each) => [each.name, each] as const))('is refused: %s', (_name, { options }) => {
    expect(whyMalformed(options)).toBeDefined();
  });

  test.each(patternCases.map((each) => [each.name, each] as const))('is not refused: %s', (_name, { options }) => {
    expect(whyMalformed(options)).toBeUndefined();
  });

  it('is well formed where it is drawn', () => {
    fc.assert(
      fc.property(patternWorlds, ({ options }) => whyMalformed(options) === undefined),
      { numRuns: 1000 },
    );
  });
});
