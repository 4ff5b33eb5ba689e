import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CALENDAR_UNITS, type CalendarUnit } from '../../record/calendar-units.ts';
import { calendarWindows } from './calendar-windows.ts';

function windowOf(unit: CalendarUnit, zone: string, time: string): string[] {
  const windows = calendarWindows(unit, zone, 'monday');
  if (windows === undefined) throw new Error(`no zone ${zone}`);
  const start = windows.lastStart(Date.parse(time));
  return [start, windows.endOf(start)].map((ms) => new Date(ms).toISOString());
}

describe('calendarWindows', () => {
  test.each<[CalendarUnit, string, string, string, string]>([
    ['day', 'UTC', '2024-05-06T23:59:59.999Z', '2024-05-06T00:00:00.000Z', '2024-05-07T00:00:00.000Z'],
    ['day', '+02:00', '2024-05-06T22:00:00Z', '2024-05-06T22:00:00.000Z', '2024-05-07T22:00:00.000Z'],
    // Clocks go forward: 23 hours; back: 25 hours.
    ['day', 'Europe/Berlin', '2024-03-31T12:00:00Z', '2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    ['day', 'Europe/Berlin', '2024-10-27T12:00:00Z', '2024-10-26T22:00:00.000Z', '2024-10-27T23:00:00.000Z'],
    ['day', 'America/New_York', '2024-11-03T04:00:00Z', '2024-11-03T04:00:00.000Z', '2024-11-04T05:00:00.000Z'],
    // Midnight is missing: the day begins at one.
    ['day', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
    // The first minute of the day comes twice, with the hour before midnight in between.
    ['day', 'America/St_Johns', '2005-10-30T03:00:00Z', '2005-10-30T02:30:00.000Z', '2005-10-31T03:30:00.000Z'],
    // A day that the calendar of Samoa left out.
    ['day', 'Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
    ['week', 'UTC', '2024-05-05T12:00:00Z', '2024-04-29T00:00:00.000Z', '2024-05-06T00:00:00.000Z'],
    ['month', 'Europe/Berlin', '2024-03-15T12:00:00Z', '2024-02-29T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    ['quarter', 'UTC', '2024-05-05T12:00:00Z', '2024-04-01T00:00:00.000Z', '2024-07-01T00:00:00.000Z'],
    ['year', 'Asia/Kolkata', '2024-12-31T18:29:59Z', '2023-12-31T18:30:00.000Z', '2024-12-31T18:30:00.000Z'],
    ['year', 'UTC', '0050-06-01T00:00:00Z', '0050-01-01T00:00:00.000Z', '0051-01-01T00:00:00.000Z'],
    ['month', 'UTC', '1969-12-31T23:59:59.999Z', '1969-12-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['hour', 'Asia/Kolkata', '2024-05-05T12:10:00Z', '2024-05-05T11:30:00.000Z', '2024-05-05T12:30:00.000Z'],
    // The hour that comes twice is two windows.
    ['hour', 'Europe/Berlin', '2024-10-27T00:30:00Z', '2024-10-27T00:00:00.000Z', '2024-10-27T01:00:00.000Z'],
    ['hour', 'Europe/Berlin', '2024-10-27T01:30:00Z', '2024-10-27T01:00:00.000Z', '2024-10-27T02:00:00.000Z'],
    // Lord Howe's clocks are moved by half an hour: at two they go back to half past one.
    ['hour', 'Australia/Lord_Howe', '2024-04-06T14:59:00Z', '2024-04-06T14:00:00.000Z', '2024-04-06T15:00:00.000Z'],
    ['hour', 'Australia/Lord_Howe', '2024-04-06T15:00:00Z', '2024-04-06T15:00:00.000Z', '2024-04-06T15:30:00.000Z'],
    ['hour', 'Australia/Lord_Howe', '2024-04-06T15:30:00Z', '2024-04-06T15:30:00.000Z', '2024-04-06T16:30:00.000Z'],
  ])('puts a time into its %s in %s: %s', (unit, zone, time, start, end) => {
    expect(windowOf(unit, zone, time)).toEqual([start, end]);
  });

  it('begins weeks on the day asked for', () => {
    const time = Date.parse('2024-05-05T12:00:00Z');
    const startOn = (day: 'saturday' | 'sunday'): string =>
      new Date(calendarWindows('week', 'UTC', day)?.lastStart(time) ?? 0).toISOString();
    expect([startOn('saturday'), startOn('sunday')]).toEqual(['2024-05-04T00:00:00.000Z', '2024-05-05T00:00:00.000Z']);
  });

  it('knows no other zones', () => {
    expect(calendarWindows('day', 'Europe/Nowhere', 'monday')).toBeUndefined();
  });

  it('divides time: no gaps, nothing twice, whatever was asked before', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca', '-03:30'];
    const times = fc.array(fc.integer({ min: Date.UTC(1985, 0, 1), max: Date.UTC(2030, 0, 1) }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...CALENDAR_UNITS), fc.constantFrom(...zones), times, (unit, zone, all) => {
        const windows = calendarWindows(unit, zone, 'monday');
        if (windows === undefined) throw new Error(zone);
        for (const time of all) {
          const start = windows.lastStart(time);
          const end = windows.endOf(start);
          expect(start <= time && time < end).toBe(true);
          expect(windows.lastStart(end - 1)).toBe(start);
          expect(windows.lastStart(end)).toBe(end);
          expect(windows.endOf(windows.previousStart(start))).toBe(start);
        }
      }),
      { numRuns: 60 },
    );
  });
});
