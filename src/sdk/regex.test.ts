import { describe, expect, it, test } from 'vitest';
import { checkRegExp } from './regex.ts';

describe('checkRegExp', () => {
  test.each<[string, string]>([
    ['nested repetitions', '^(a+)+$'],
    ['alternatives that overlap', '^(a|a)*$'],
    ['a cube', '^.*.*.*x$'],
  ])('refuses %s', (_name, source) => {
    expect(checkRegExp(source)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/time that grows (exponentially|with the power)/) as string,
    });
  });

  it('bounds the text for quadratic patterns more than for linear ones', () => {
    expect(checkRegExp('^(?<a>\\S+) (?<b>.*)$')).toEqual({ ok: true, maxInput: 1_048_576 });
    expect(checkRegExp('^(?<a>\\w+) +(?<b>.*)$')).toEqual({ ok: true, maxInput: 10_000 });
  });

  it('refuses what is no pattern, with the reason', () => {
    expect(checkRegExp('a(')).toEqual({ ok: false, reason: 'is malformed: Unterminated group' });
    expect(checkRegExp('a', 'g')).toMatchObject({ ok: false, reason: expect.stringContaining('flag g') as string });
  });

  it('keeps a quadratic match of the longest allowed text short', () => {
    const checked = checkRegExp('^(?<a>\\w+) +(?<b>.*)$');
    const length = checked.ok ? checked.maxInput : 0;
    const begin = performance.now();
    expect(/^(?<a>\w+) +(?<b>.*)$/.test(`a${' '.repeat(length - 2)}\n`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});
