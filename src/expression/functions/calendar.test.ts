import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import { calendarOf, TIME_UNITS, type TimeUnit } from './zoned-calendar.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', '-03:30'];
const zone = fc.constantFrom(...ZONES);
const unit = fc.constantFrom(...TIME_UNITS);
const time = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2035, 0, 1) });

const iso = (ms: unknown): unknown => (typeof ms === 'number' ? new Date(ms).toISOString() : ms);

describe('date_trunc', () => {
  test.each<[string, string, string, string]>([
    ['2024-05-17T10:05:03.999Z', 'second', 'UTC', '2024-05-17T10:05:03.000Z'],
    ['2024-05-17T10:05:03.999Z', 'minute', 'Asia/Kathmandu', '2024-05-17T10:05:00.000Z'],
    ['2024-05-17T10:05:03Z', 'hour', 'Asia/Kathmandu', '2024-05-17T09:15:00.000Z'],
    ['2024-05-17T22:05:03Z', 'day', 'Europe/Berlin', '2024-05-17T22:00:00.000Z'],
    ['2024-03-31T12:00:00Z', 'day', 'Europe/Berlin', '2024-03-30T23:00:00.000Z'],
    ['2018-11-04T12:00:00Z', 'day', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['2024-05-19T23:59:59Z', 'week', 'UTC', '2024-05-13T00:00:00.000Z'],
    ['2024-05-31T22:30:00Z', 'month', 'Europe/Berlin', '2024-05-31T22:00:00.000Z'],
    ['2024-05-17T00:00:00Z', 'quarter', 'UTC', '2024-04-01T00:00:00.000Z'],
    ['2024-12-31T23:30:00Z', 'year', '+01:00', '2024-12-31T23:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', 'day', 'UTC', '1969-12-31T00:00:00.000Z'],
  ])('%s to the %s in %s', (text, unit, zone, expected) => {
    expect(iso(evaluate('date_trunc(text, unit, zone)', { text, unit, zone }))).toBe(expected);
  });

  it('holds its time, does nothing twice, and longer units begin with shorter ones', () => {
    fc.assert(
      fc.property(time, unit, zone, (time, unit, zone) => {
        const of = (ms: number, by: TimeUnit): number => evaluate('date_trunc(ms, unit, zone)', { ms, unit: by, zone }) as number;
        const start = of(time, unit);
        expect(start <= time && time < start + 367 * 86_400_000).toBe(true);
        expect(of(start, unit)).toBe(start);
        if (unit !== 'week') expect(of(of(time, 'year'), unit)).toBe(of(time, 'year'));
      }),
    );
  });

  it('begins days at midnight by Intl, where no clock is moved then', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(time, zones, (time, zone) => {
        const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
        const day = evaluate("date_trunc(time, 'day', zone)", { time, zone }) as number;
        expect(format.format(day)).toBe(`${format.format(time).slice(0, 10)} 00:00:00`);
      }),
    );
  });
});

describe('date_part', () => {
  const PARTS = 'year quarter month week week_year day weekday day_of_year hour minute second millisecond'.split(' ');

  // Of Python's datetime and zoneinfo.
  test.each<[string, string, number[]]>([
    ['Europe/Berlin', '2021-01-03T23:30:00Z', [2021, 1, 1, 1, 2021, 4, 1, 4, 0, 30, 0, 0]],
    ['America/New_York', '2024-11-03T06:30:15.042Z', [2024, 4, 11, 44, 2024, 3, 7, 308, 1, 30, 15, 42]],
    ['Asia/Kathmandu', '2024-12-29T18:15:00Z', [2024, 4, 12, 1, 2025, 30, 1, 365, 0, 0, 0, 0]],
    ['UTC', '2016-01-03T00:00:00Z', [2016, 1, 1, 53, 2015, 3, 7, 3, 0, 0, 0, 0]],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', [2011, 4, 12, 52, 2011, 31, 6, 365, 0, 0, 0, 0]],
    ['UTC', '0050-03-01T00:00:00Z', [50, 1, 3, 9, 50, 1, 2, 60, 0, 0, 0, 0]],
  ])('of all parts in %s at %s', (zone, text, expected) => {
    expect(PARTS.map((part) => evaluate('date_part(text, part, zone)', { text, part, zone }))).toEqual(expected);
  });
});

describe('date_add and date_diff', () => {
  test.each<[string, number, string, string, string]>([
    ['2024-01-31T10:00:00Z', 1, 'month', 'UTC', '2024-02-29T10:00:00.000Z'],
    ['2024-03-31T10:00:00Z', -1, 'month', 'UTC', '2024-02-29T10:00:00.000Z'],
    ['2024-02-29T10:00:00Z', 1, 'year', 'UTC', '2025-02-28T10:00:00.000Z'],
    ['2023-11-30T00:00:00Z', 1, 'quarter', 'UTC', '2024-02-29T00:00:00.000Z'],
    ['2024-12-31T00:00:00Z', -25, 'month', 'UTC', '2022-11-30T00:00:00.000Z'],
    ['2024-05-01T00:00:00Z', 90, 'minute', 'UTC', '2024-05-01T01:30:00.000Z'],
    // A day later by the clock is 23 hours later, and 24 hours are 24 hours.
    ['2024-03-30T12:00:00Z', 1, 'day', 'Europe/Berlin', '2024-03-31T11:00:00.000Z'],
    ['2024-03-30T12:00:00Z', 24, 'hour', 'Europe/Berlin', '2024-03-31T12:00:00.000Z'],
    ['2024-10-20T12:00:00Z', 1, 'week', 'Europe/Berlin', '2024-10-27T13:00:00.000Z'],
    // The second coming of an hour stays what it is.
    ['2024-10-27T01:30:00Z', 0, 'day', 'Europe/Berlin', '2024-10-27T01:30:00.000Z'],
  ])('%s and %d %s in %s', (text, count, unit, zone, expected) => {
    expect(iso(evaluate('date_add(text, count, unit, zone)', { text, count, unit, zone }))).toBe(expected);
  });

  test.each<[string, string, string, number]>([
    ['2024-01-31', '2024-02-28', 'month', 0],
    // As TIMESTAMPDIFF of Flink has it: a month later than the 31st is the last of a shorter month.
    ['2024-01-31', '2024-02-29', 'month', 1],
    ['2024-02-29', '2024-01-31', 'month', -1],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:59:59Z', 'hour', 0],
    ['2024-01-01', '2025-12-31', 'year', 1],
    ['2024-01-01', '2025-12-31', 'quarter', 7],
    ['2024-01-01', '2024-01-15', 'week', 2],
    ['2024-01-02', '2024-01-01', 'second', -86_400],
  ])('from %s to %s in %ss', (from, to, unit, expected) => {
    expect(evaluate('date_diff(from, to, unit)', { from, to, unit })).toBe(expected);
  });

  it('count days by the clock of the zone', () => {
    const value = { from: '2024-03-30T12:00:00Z', to: '2024-03-31T11:00:00Z' };
    expect(evaluate("[date_diff(from, to, 'day'), date_diff(from, to, 'day', 'Europe/Berlin')]", value)).toEqual([0, 1]);
  });

  // Half of the times are within a day of a change of clocks; those of St John's went back over midnight.
  const change = fc.constantFrom('2024-03-31T01:00Z', '2024-10-27T01:00Z', '2005-10-30T02:31Z', '2011-12-30T10:00Z');
  const near = fc.tuple(change, fc.integer({ min: -86_400_000, max: 86_400_000 })).map(([at, by]) => Date.parse(at) + by);
  const any = fc.oneof(time, near);
  const anyZone = fc.constantFrom(...ZONES, 'America/St_Johns');

  it('go together: as many as fit, and the same back', () => {
    fc.assert(
      fc.property(any, any, unit, anyZone, (a, b, unit, zone) => {
        const calendar = calendarOf(zone);
        if (calendar === undefined) throw new Error(`no zone ${zone}`);
        const [from, to] = a < b ? [a, b] : [b, a];
        const count = calendar.difference(from, to, unit);
        expect(calendar.add(from, count, unit)).toBeLessThanOrEqual(to);
        expect(calendar.add(from, count + 1, unit)).toBeGreaterThan(to);
        expect(calendar.difference(to, from, unit)).toBe(-count || 0);
        expect(calendar.difference(from, calendar.add(from, count, unit), unit)).toBe(count);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([0.5, 2 ** 53, 1e15, '1', null])('are missing for %j units', (count) => {
    expect(evaluate("date_add('2024-01-01', count, 'year')", { count })).toBeUndefined();
  });
});

describe('zones', () => {
  it('are asked for in formats too', () => {
    const time = '2024-07-01T22:15:00Z';
    const format = '%Y-%m-%dT%H:%M:%S%z %a %j %s';
    const shown = (zone: string): unknown => evaluate('format_timestamp(time, format, zone)', { time, format, zone });
    expect(shown('Europe/Berlin')).toBe('2024-07-02T00:15:00+0200 Tue 184 1719872100');
    expect(shown('America/St_Johns')).toBe('2024-07-01T19:45:00-0230 Mon 183 1719872100');
    expect(shown('Europe/Nowhere')).toBeUndefined();
  });

  it('are made once, and not kept without end', () => {
    const first = calendarOf('Europe/Berlin');
    expect(calendarOf('Europe/Berlin')).toBe(first);
    for (let i = 0; i < 300; i += 1) expect(calendarOf(`Nowhere/${i}`)).toBeUndefined();
    expect(calendarOf('x'.repeat(1000))).toBeUndefined();
    expect(calendarOf('Europe/Berlin')?.truncate(0, 'day')).toBe(-3_600_000);
  });

  it('end with the times that there are', () => {
    for (const ms of [8.64e15, -8.64e15, 1e300, -1e300]) {
      for (const text of ["date_trunc(ms, 'year', zone)", "date_add(ms, 1, 'month', zone)", "date_part(ms, 'week', zone)"])
        expect(evaluate(text, { ms, zone: 'Europe/Berlin' })).toBeUndefined();
    }
  });
});

test.each([
  ["date_trunc('day', t)", "the time comes first, and 'day' behind it"],
  ["date_trunc(t, 'days')", "there is no unit 'days'"],
  ["date_trunc(t, 'day', 'Europe/Nowhere')", "there is no time zone 'Europe/Nowhere': it is UTC"],
  ["date_part(t, 'dow')", "there is no part 'dow'"],
  ["date_part('ts', 'hour')", 'a field has no quotes'],
  ["date_add(t, 1.5, 'hour')", 'count is a whole number'],
  ["date_add(t, 'day', 1)", 'count is of type number'],
  ["format_timestamp(t, '%H', 'CESTX')", 'there is no time zone'],
])('%s is refused when it is loaded', (text, message) => {
  expect(complaint(text)).toContain(message);
});
