import { describe, expect, it, test } from 'vitest';
import { analyse, workOf } from './backtracking.ts';

const NEVER = Number.POSITIVE_INFINITY;
const work = (source: string, text: string): number => workOf(text, analyse(source), NEVER);

describe('the work of a pattern', () => {
  test.each<[string, string, string, number]>([
    ['is the square of the length', 'a\\d+ x', '12345678', 64],
    ['is the length where a match begins at the text only', '\\Aa\\d+ x', '12345678', 8],
    ['is the length for each line', '^a\\d+ x', '123\n567\n', 8 * 3],
    ['grows with the places where a gap may stop', '\\A.*?; x', 'a; b;c; ', 8 * 3],
    ['knows a gap by two characters', '\\A.*?;x', 'a; b;c; ', 8],
    ['grows with the length where a gap may stop anywhere', '\\A\\w+\\w*\\w*x', 'aaaa', 4 * 5 * 5],
    ['multiplies gaps', '\\A.*?;.*?;x', ';;;', 3 * 4 * 2],
    ['takes the worst of alternatives', '\\A(?:.*?;.*?;|.*?;)x', ';;;', 3 * 4 * 2],
    ['does not count what ends the pattern', '\\Aa.*', 'aaaa', 4],
    ['does not multiply what looks ahead', '\\A(?=.*?;)(?=.*?;)x', ';;;', 3 * 4],
  ])('%s', (_name, source, text, expected) => {
    expect(work(source, text)).toBe(expected);
  });

  test.each(['(\\w+\\s?)*x', '(?:a|a)*x', '(?:a{1,9})*x', '(?:\\w*)*x', '(?:(?:ab)+|a)*x', '(?:x?y?)+z', '(?:[a-c]+|[c-e]+)+f'])(
    'has no bound for %s',
    (source) => {
      expect(work(source, 'x')).toBe(NEVER);
    },
  );

  test.each(['(?:\\w+\\s)*x', '(?:\\.[a-z]+)*\\.? ', '(?:ab|ac|[d-f])*x', '(?:"(?:[^"\\\\]|\\\\.)*",)*x'])(
    'has a bound for %s',
    (source) => {
      expect(work(source, 'x')).toBeLessThan(NEVER);
    },
  );

  it('reads what it does not know as anything', () => {
    for (const source of [
      '\\p{L}+\\p{L}*x',
      '[[:alpha:]]+\\w+x',
      '(?i)a*A*x',
      '\\Xa',
      '(?>a+)b',
      'a++b',
      '(?',
      '[',
      '\\',
      ')a',
      'a{x}b{2',
      'a{,3}',
    ]) {
      expect(work(source, 'abc')).toBeGreaterThan(0);
    }
  });
});
