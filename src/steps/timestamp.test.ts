import { describe, expect, it, test } from 'vitest';
import { runStep } from '../../test/support/run-step.ts';
import type { JsonValue } from '../record/json.ts';
import { timestamp } from './timestamp.ts';

const ARRIVED = Date.UTC(2024, 5, 1);

function time(value: JsonValue, formats: string[], timezone = 'UTC'): unknown {
  const { outcome, value: after } = runStep(timestamp, { field: 't', formats, timezone }, { t: value }, { at: ARRIVED });
  return outcome === undefined
    ? (after as { '@timestamp': unknown })['@timestamp']
    : outcome.kind === 'rejected'
      ? outcome.code
      : outcome.kind;
}

const UNREADABLE = 'TIMESTAMP_UNREADABLE';

describe('timestamp', () => {
  test.each<[JsonValue, string, unknown]>([
    ['2015-05-17T10:05:03Z', 'iso8601', '2015-05-17T10:05:03.000Z'],
    ['2015-05-17T10:05:03.123456789+02:00', 'iso8601', '2015-05-17T08:05:03.123Z'],
    ['2015-05-17 10:05:03,5 -0330', 'iso8601', '2015-05-17T13:35:03.500Z'],
    ['2015-05-17T10:05+02', 'iso8601', '2015-05-17T08:05:00.000Z'],
    ['2015-05-17', 'iso8601', '2015-05-17T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', 'iso8601', '2017-01-01T00:00:00.000Z'],
    ['2015-02-29T00:00:00Z', 'iso8601', UNREADABLE],
    ['2015-05-17T25:00:00Z', 'iso8601', UNREADABLE],
    ['2015-05-17T10:05:03+24:00', 'iso8601', UNREADABLE],
    ['17 May 2015', 'iso8601', UNREADABLE],
    [1431857103, 'iso8601', UNREADABLE],
    [1431857103, 'unix', '2015-05-17T10:05:03.000Z'],
    [1431857103.123, 'unix', '2015-05-17T10:05:03.123Z'],
    ['1431857103.123', 'unix', '2015-05-17T10:05:03.123Z'],
    [-1, 'unix', '1969-12-31T23:59:59.000Z'],
    [1e18, 'unix', UNREADABLE],
    ['1e3', 'unix', UNREADABLE],
    [true, 'unix', UNREADABLE],
    [1431857103123, 'unix_ms', '2015-05-17T10:05:03.123Z'],
    ['17/May/2015:10:05:03 +0200', '%d/%b/%Y:%H:%M:%S %z', '2015-05-17T08:05:03.000Z'],
    ['Sunday, May 17, 2015 1:05:03 PM', '%A, %B %d, %Y %I:%M:%S %p', '2015-05-17T13:05:03.000Z'],
    ['05/17/15 12:00:00 AM UTC', '%D %I:%M:%S %p %Z', '2015-05-17T00:00:00.000Z'],
    ['2015-05-17 10:05:03.1234', '%F %T.%f', '2015-05-17T10:05:03.123Z'],
    ['May  7 10:05:03', '%b %e %T', '2024-05-07T10:05:03.000Z'],
    ['Dec 31 10:05:03', '%b %e %T', '2023-12-31T10:05:03.000Z'],
    ['t=1431857103', 't=%s', '2015-05-17T10:05:03.000Z'],
    ['100% 2015-05-17', '100%% %F', '2015-05-17T00:00:00.000Z'],
    ['2015-05-17 and more', '%F', UNREADABLE],
    ['2015-13-17', '%F', UNREADABLE],
    ['13 PM 2015-05-17', '%I %p %F', UNREADABLE],
    ['', '%F', UNREADABLE],
  ])('reads %j by %s', (value, format, expected) => {
    expect(time(value, [format])).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['2015-01-17T10:00:00', 'Europe/Madrid', '2015-01-17T09:00:00.000Z'],
    ['2015-07-17T10:00:00', 'Europe/Madrid', '2015-07-17T08:00:00.000Z'],
    // The clocks go forward at 02:00 on 29 March: 02:30 is missing.
    ['2015-03-29T01:59:59', 'Europe/Madrid', '2015-03-29T00:59:59.000Z'],
    ['2015-03-29T02:30:00', 'Europe/Madrid', '2015-03-29T01:30:00.000Z'],
    ['2015-03-29T03:00:00', 'Europe/Madrid', '2015-03-29T01:00:00.000Z'],
    // They go back at 03:00 on 25 October: 02:30 comes twice, and the first is meant.
    ['2015-10-25T02:30:00', 'Europe/Madrid', '2015-10-25T00:30:00.000Z'],
    ['2015-10-25T03:00:00', 'Europe/Madrid', '2015-10-25T02:00:00.000Z'],
    ['2015-05-17T10:00:00', '-03:30', '2015-05-17T13:30:00.000Z'],
    ['2015-05-17T10:00:00', 'America/New_York', '2015-05-17T14:00:00.000Z'],
    ['2015-05-17T10:00:00Z', 'America/New_York', '2015-05-17T10:00:00.000Z'],
  ])('reads %s in %s', (text, zone, expected) => {
    expect(time(text, ['iso8601'], zone)).toBe(expected);
  });

  it('tries the formats in order', () => {
    expect(time('1431857103', ['iso8601', '%F', 'unix'])).toBe('2015-05-17T10:05:03.000Z');
  });

  it('puts the time where it is told to', () => {
    expect(runStep(timestamp, { field: 't', target: 'event.created' }, { t: '2015-05-17' }).value).toEqual({
      t: '2015-05-17',
      event: { created: '2015-05-17T00:00:00.000Z' },
    });
  });

  it('rejects a record without the field, or skips it where it is told to', () => {
    expect(runStep(timestamp, { field: 'a.b' }, {}).outcome).toMatchObject({ kind: 'rejected', code: 'TIMESTAMP_FIELD_MISSING' });
    expect(runStep(timestamp, { field: 'a.b', on_missing: 'skip' }, {})).toEqual({ outcome: undefined, value: {} });
  });

  it('says what it found, shortened, and what was expected', () => {
    const { outcome } = runStep(timestamp, { field: 'a', formats: ['iso8601', '%F'] }, { a: 'x'.repeat(1000) });
    const message = outcome?.kind === 'rejected' ? outcome.message : '';
    expect(message).toMatch(/field a: "x{60}\.\.\." fits none of the formats iso8601, %F/);
    expect(message.length).toBeLessThan(250);
  });

  test.each<[unknown, RegExp]>([
    [{ field: 't', formats: ['rfc822'] }, /no time format: write iso8601/],
    [{ field: 't', formats: ['%Q'] }, /%Q is no directive/],
    [{ field: 't', formats: ['%F %'] }, /no directive/],
    [{ field: 't', formats: ['%T'] }, /names no month and day/],
    [{ field: 't', formats: ['%F %I'] }, /%I and %p need each other/],
    [{ field: 't', formats: [] }, /formats/],
    [{ field: 't', timezone: 'Mars' }, /no time zone/],
    [{ formats: ['unix'] }, /field/],
  ])('refuses the options %j', (options, message) => {
    expect(JSON.stringify(timestamp.options.safeParse(options).error?.issues)).toMatch(message);
  });
});
