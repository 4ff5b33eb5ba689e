import { describe, expect, it, test } from 'vitest';
import { checkRegExp } from './regex.ts';

describe('checkRegExp', () => {
  test.each<[string, string]>([
    ['nested repetitions', '^(a+)+$'],
    ['alternatives that overlap', '^(a|a)*$'],
    ['a cube', '^.*.*.*x$'],
  ])('refuses %s', (_name, source) => {
    expect(checkRegExp(source)).toMatchObject({ safe: false, reason: expect.stringContaining('time can explode') as string });
  });

  it('passes linear patterns without a bound, and quadratic ones with one', () => {
    expect(checkRegExp('^(?<a>\\S+) (?<b>.*)$')).toEqual({ safe: true, maxLength: Number.POSITIVE_INFINITY });
    expect(checkRegExp('^(?<a>\\w+) +(?<b>.*)$')).toEqual({ safe: true, maxLength: 8192 });
  });

  it('refuses what is no pattern, with the reason', () => {
    expect(checkRegExp('a(')).toMatchObject({ safe: false, reason: expect.stringContaining('Invalid regular expression') as string });
    expect(checkRegExp('a', 'zz')).toMatchObject({ safe: false });
  });

  it('keeps a quadratic match of the longest allowed text short', () => {
    const verdict = checkRegExp('^(?<a>\\w+) +(?<b>.*)$');
    const length = verdict.safe ? verdict.maxLength : 0;
    const begin = performance.now();
    expect(/^(?<a>\w+) +(?<b>.*)$/.test(`a${' '.repeat(length - 2)}\n`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});
