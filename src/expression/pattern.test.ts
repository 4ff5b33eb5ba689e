import { expect, test } from 'vitest';
import { checkRegExp } from '../sdk/regex.ts';
import { Pattern } from './pattern.ts';

test.each(['^\\d+$', 'bot|crawler', '^(\\S+) (\\S+) (\\S+)$', '^(?<ip>\\S+) \\[([^\\]]+)\\] "(\\w+) (\\S+)"'])(
  '%s is safe at any length',
  (source) => {
    expect(checkRegExp(source)).toEqual({ ok: true, maxInput: 1_048_576 });
  },
);

test('a pattern whose time grows with the square is accepted for short inputs', () => {
  expect(checkRegExp('\\s+$')).toEqual({ ok: true, maxInput: 10_000 });
});

test.each(['(a+)+b', '^(a|a)*$', '(\\w*)*x', '^\\[(.*)\\] \\[(.*)\\] (.*)$'])('%s is refused', (source) => {
  const checked = checkRegExp(source);
  expect(checked.ok).toBe(false);
  expect(!checked.ok && checked.reason).toMatch(/grows (exponentially|with the power)/);
});

test('an access log line is settled within the time bound', () => {
  const started = performance.now();
  const source = '^(?<ip>\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] "(\\w+) (\\S+) ([^"]*)" (\\d{3}) (\\d+|-) "([^"]*)" "([^"]*)"';
  expect(checkRegExp(source).ok).toBe(true);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(process.env['RECHECK_SYNC_BACKEND']).toBeUndefined();
});

test('a malformed pattern, a long one and a stateful flag are refused with the reason', () => {
  expect(checkRegExp('(a')).toMatchObject({ ok: false, reason: expect.stringMatching(/malformed: Unterminated group/) });
  expect(checkRegExp('a'.repeat(2001))).toMatchObject({ ok: false, reason: expect.stringMatching(/longer than 2000/) });
  expect(checkRegExp('a', 'g')).toMatchObject({ ok: false, reason: expect.stringMatching(/flag g/) });
});

test('text beyond the bound matches nothing', () => {
  const pattern = new Pattern('a', 'i', 3);
  expect([pattern.test('xAx'), pattern.test('xxxa')]).toEqual([true, false]);
  expect([...pattern.matches('aAa')].map(({ index }) => index)).toEqual([0, 1, 2]);
  expect([pattern.exec('xxxa'), [...pattern.matches('aaaa')]]).toEqual([null, []]);
});
