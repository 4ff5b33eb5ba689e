import { describe, expect, it, test } from 'vitest';
import { durationParser, parseBytes, type TimeUnit } from './amounts.ts';
import { ParseFailure } from './parser.ts';

const duration = (text: string, unit: TimeUnit = 'ns'): unknown => {
  const result = durationParser(unit)(text, -1);
  return result instanceof ParseFailure ? 'no duration' : result['value'];
};
const bytes = (text: string): unknown => {
  const result = parseBytes(text, -1);
  return result instanceof ParseFailure ? 'no size' : result['value'];
};

const S = 1e9;
const H = 3600 * S;

describe('duration', () => {
  test.each<[string, number]>([
    // Of Go's time.ParseDuration, its documentation and tests.
    ['0', 0],
    ['5s', 5 * S],
    ['1478s', 1478 * S],
    ['-5s', -5 * S],
    ['+5s', 5 * S],
    ['5.s', 5 * S],
    ['.5s', S / 2],
    ['1.004s', 1.004 * S],
    ['10ns', 10],
    ['11us', 11_000],
    ['12\u00b5s', 12_000],
    ['12\u03bcs', 12_000],
    ['13ms', 13e6],
    ['3h30m', 3.5 * H],
    ['10.5s4m', 250.5 * S],
    ['1h15m30.918273645s', H + 930_918_273_645],
    ['-2m3.4s', -123.4 * S],
    // As people write.
    ['1 hour', H],
    ['1.5 Hours', 1.5 * H],
    ['2 days, 3 hours', 51 * H],
    ['2 days 3 hours and 1 minute', 51 * H + 60 * S],
    ['90 min', 1.5 * H],
    ['1w', 168 * H],
    ['250 milliseconds', 250e6],
    // As clocks do.
    ['01:30:00', 1.5 * H],
    ['1:30', 1.5 * H],
    ['100:00:00.25', 100 * H + S / 4],
    ['1.02:00:00', 26 * H],
    ['1 day, 2:00:00', 26 * H],
    ['2-01:00:00', 49 * H],
    // ISO 8601.
    ['PT1H30M', 1.5 * H],
    ['P1DT0.5S', 24 * H + S / 2],
    ['-PT1S', -S],
    ['P2W', 336 * H],
  ])('reads %s', (text, ns) => {
    expect(duration(text)).toBe(ns);
  });

  test.each([
    '',
    '3',
    '-',
    's',
    '.',
    '.s',
    '1d2x',
    '1 fortnight',
    '3000d,',
    'P',
    'PT',
    'P1Y',
    'P1M',
    '1M',
    '1:75',
    `${'1'.repeat(200)}s`,
    'NaNs',
    '1e3s',
  ])('refuses %j', (text) => {
    expect(duration(text)).toBe('no duration');
  });

  it('counts in the unit that is asked for', () => {
    expect(duration('1.5s', 'ms')).toBe(1500);
    expect(duration('1.5ms', 's')).toBe(0.0015);
    expect(duration('1500ns', 'us')).toBe(1.5);
  });
});

describe('bytes', () => {
  test.each<[string, number]>([
    ['512', 512],
    ['512 B', 512],
    ['1 byte', 1],
    ['5.3 MB', 5_300_000],
    ['5.3MB', 5_300_000],
    ['2 kB', 2000],
    ['2 KB', 2000],
    ['2kb', 2000],
    ['64KiB', 65_536],
    ['64 kib', 65_536],
    ['1.5 GiB', 1_610_612_736],
    ['10K', 10_240],
    ['5.3G', 5_690_831_667],
    ['1,024 bytes', 1024],
    ['1,234,567', 1_234_567],
    ['2 megabytes', 2_000_000],
    ['2 mebibytes', 2_097_152],
    ['1 TB', 1e12],
    ['.5 MB', 500_000],
    [' 7 B ', 7],
  ])('reads %s', (text, count) => {
    expect(bytes(text)).toBe(count);
  });

  test.each(['', 'MB', '-1', '1 Mb', '5 Gbit', '1,23 MB', '1.2.3', '5 XB', 'NaN', `${'9'.repeat(200)}`, '5 kibibits'])(
    'refuses %j',
    (text) => {
      expect(bytes(text)).toBe('no size');
    },
  );
});
