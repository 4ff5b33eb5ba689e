import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePattern, type GrokPattern } from './grok-pattern.ts';
import { libraries } from './library/index.ts';
import { PatternError } from './pattern-error.ts';

const PIECES = [
  '%{WORD:a}',
  '%{INT:b:int}',
  '%{DATA:c}',
  '%{IP}',
  '%{NO}',
  '(?<d>',
  '(?>',
  '(?i)',
  '(?:',
  '(',
  ')',
  '[',
  '[^',
  '[[:alpha:]]',
  ']',
  '*',
  '+',
  '?',
  '{2}',
  '{2,}',
  '|',
  '.',
  '\\w',
  '\\h',
  '\\k<d>',
  '\\A',
  '^',
  '$',
  ' ',
  'a',
  '%{',
  '}',
  '\\',
];

function compiled(pattern: string): GrokPattern | undefined {
  try {
    return compilePattern(pattern, libraries.ecs);
  } catch (error) {
    expect(error).toBeInstanceOf(PatternError);
    return undefined;
  }
}

it('refuses any malformed pattern with a reason, and matches with any other one in bounded time', () => {
  const pattern = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', '1', ' ', '.', '\n'), maxLength: 60 }), (source, text) => {
      const begin = performance.now();
      compiled(source)?.match(text);
      expect(performance.now() - begin).toBeLessThan(4000);
    }),
    { numRuns: 3000 },
  );
});

it('refuses patterns that are nested too deep', () => {
  expect(compiled(`${'('.repeat(50_000)}a${')'.repeat(50_000)}`)).toBeUndefined();
});
