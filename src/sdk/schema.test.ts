import { describe, expect, it } from 'vitest';
import { errorMessage, isMillraceError, MillraceError, reasonOf } from '../errors/index.ts';
import { Outcomes } from './outcomes.ts';
import { duration, fieldPath, parseDuration, parseSize, secret, size } from './schema.ts';

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['1m5ms', 60_005],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', 's', '1 s', '-1s', '1x', '1s ', '1sec', '1e3s', 'ms'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(duration().safeParse(text).error?.issues[0]?.message).toContain('500ms, 10s, 5m');
  });
});

describe('sizes', () => {
  it.each([
    ['512B', 512],
    ['64KB', 64_000],
    ['64KiB', 65_536],
    ['1.5MB', 1_500_000],
    ['1GiB', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '10', 'MB', '1 MB', '-1MB', '1TB', '1mb'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
    expect(size().safeParse(text).success).toBe(false);
  });
});

it('refuses paths to a prototype, and empty secrets', () => {
  expect(fieldPath().safeParse('a.__proto__.b').success).toBe(false);
  expect(fieldPath().parse('a.b')).toEqual(['a', 'b']);
  expect(secret().safeParse('').success).toBe(false);
});

describe('Outcomes', () => {
  it('begin as unknown, and the last word counts', () => {
    const outcomes = new Outcomes(5);
    outcomes.delivered(1);
    outcomes.duplicate(2);
    outcomes.retry(3, { code: 'ES_BUSY', message: 'busy' });
    outcomes.retry(4, { code: 'ES_BUSY', message: 'busy' });
    outcomes.reject(4, { code: 'ES_DOCUMENT_REJECTED', message: 'no' });
    expect(Array.from({ length: 5 }, (_, i) => outcomes.of(i))).toEqual([
      'unknown',
      'delivered',
      'duplicate',
      'retry',
      'rejected',
    ]);
    expect([outcomes.errorOf(3)?.code, outcomes.errorOf(4)?.code, outcomes.errorOf(1)]).toEqual([
      'ES_BUSY',
      'ES_DOCUMENT_REJECTED',
      undefined,
    ]);
    expect(outcomes.of(99)).toBe('unknown');
    outcomes.deliveredAll();
    expect(outcomes.of(0)).toBe('delivered');
  });
});

describe('errors', () => {
  it('fill their places, leave what is missing to be seen, and know themselves', () => {
    const error = new MillraceError('TOPIC_MISSING', { topic: 'a$&b' });
    expect(error.message).toContain('the external topic a$&b does not exist');
    expect(errorMessage('TOPIC_MISSING')).toContain('{topic}');
    expect([error.domain, error.retry]).toEqual(['user', 'backoff']);
    expect([isMillraceError(error), isMillraceError(new Error('x')), isMillraceError(null), isMillraceError('x')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([reasonOf(error), reasonOf('text'), reasonOf(undefined)]).toEqual([error.message, 'text', 'undefined']);
  });
});
