import { timeOf } from '../../record/event-time.ts';
import type { JsonValue } from '../../record/json.ts';
import { DATE_PARTS } from './date-parts.ts';
import type { Argument, ExpressionFunction } from './definition.ts';
import { calendarOf, isInCalendar, TIME_UNITS, type TimeUnit, type ZonedCalendar } from './zoned-calendar.ts';

const TIME = { name: 'time', type: 'any' } as const;
const UNIT = { name: 'unit', type: 'string' } as const;
const ZONE = { name: 'zone', type: 'string', optional: true } as const;
const ZONES = 'UTC, an offset such as +02:00, or a name of the IANA database such as Europe/Madrid';

const units: ReadonlySet<string> = new Set(TIME_UNITS);
const local = new Date(0);

/**
 * Functions of calendars. Times are ms since 1970, or RFC 3339 texts; results that are times are ms since 1970. The zone is UTC where it is left
 * out.
 */
export const calendarFunctions: readonly ExpressionFunction[] = [
  {
    name: 'date_trunc',
    summary:
      'The beginning of the second, minute, hour, day, week (from Monday), month, quarter or year that holds the time, in a time zone (UTC where left out): where calendar windows begin.',
    parameters: [TIME, UNIT, ZONE],
    returns: 'number',
    example: { text: "date_trunc('2024-05-17T10:05:03Z', 'month', 'Europe/Madrid')", result: 1_714_514_400_000 },
    call: (time: Argument, unit: Argument, zone: Argument) => {
      const ms = timeIn(time);
      const calendar = zoneOf(zone);
      return ms === undefined || calendar === undefined || !isUnit(unit) ? undefined : whole(calendar.truncate(ms, unit));
    },
    check: ([time, unit, zone]) => wrongOrder(time) ?? wrongUnit(unit) ?? wrongZone(zone),
  },
  {
    name: 'date_part',
    summary: `A part of the time in a time zone (UTC where left out): ${[...DATE_PARTS.keys()].join(', ')}. Weeks are those of ISO 8601 and belong to their week_year; weekdays are 1 (Monday) to 7.`,
    parameters: [TIME, { name: 'part', type: 'string' }, ZONE],
    returns: 'number',
    example: { text: "date_part('2024-12-30T23:30:00Z', 'weekday', 'Asia/Tokyo')", result: 2 },
    call: (time: Argument, part: Argument, zone: Argument) => {
      const ms = timeIn(time);
      const calendar = zoneOf(zone);
      const read = typeof part === 'string' ? DATE_PARTS.get(part) : undefined;
      if (ms === undefined || calendar === undefined || read === undefined) return undefined;
      local.setTime(ms + calendar.offset(ms));
      return read(local);
    },
    check: ([time, part, zone]) => {
      const wrong = wrongOrder(time) ?? wrongZone(zone);
      if (wrong !== undefined || typeof part !== 'string' || DATE_PARTS.has(part)) return wrong;
      return `there is no part '${part}': it is one of ${[...DATE_PARTS.keys()].join(', ')}`;
    },
  },
  {
    name: 'date_add',
    summary:
      'The time so many units later, or earlier where count is negative (units as in `date_trunc`). Days and longer units keep the time of day in the zone; of a month that has no such day it is the last.',
    parameters: [TIME, { name: 'count', type: 'number' }, UNIT, ZONE],
    returns: 'number',
    example: { text: "format_timestamp(date_add('2024-01-31', 1, 'month'), '%Y-%m-%d')", result: '2024-02-29' },
    call: (time: Argument, count: Argument, unit: Argument, zone: Argument) => {
      const ms = timeIn(time);
      const calendar = zoneOf(zone);
      if (ms === undefined || calendar === undefined || !isUnit(unit)) return undefined;
      return typeof count === 'number' && Number.isSafeInteger(count) ? whole(calendar.add(ms, count, unit)) : undefined;
    },
    check: ([time, count, unit, zone]) => {
      if (typeof count === 'number' && !Number.isSafeInteger(count)) return `count is a whole number, not ${count}`;
      return wrongOrder(time) ?? wrongUnit(unit) ?? wrongZone(zone);
    },
  },
  {
    name: 'date_diff',
    summary:
      'How many whole units (as in `date_trunc`) can be added to the first time without going beyond the second, as by `date_add`; negative where the second is before the first.',
    parameters: [{ name: 'from', type: 'any' }, { name: 'to', type: 'any' }, UNIT, ZONE],
    returns: 'number',
    example: { text: "date_diff('2024-01-31', '2024-05-30', 'month')", result: 3 },
    call: (from: Argument, to: Argument, unit: Argument, zone: Argument) => {
      const [first, second] = [timeIn(from), timeIn(to)];
      const calendar = zoneOf(zone);
      if (first === undefined || second === undefined || calendar === undefined || !isUnit(unit)) return undefined;
      return calendar.difference(first, second, unit);
    },
    check: ([from, , unit, zone]) => wrongOrder(from) ?? wrongUnit(unit) ?? wrongZone(zone),
  },
];

function timeIn(time: Argument): number | undefined {
  const ms = typeof time === 'number' || typeof time === 'string' ? timeOf(time) : undefined;
  return ms !== undefined && isInCalendar(ms) ? ms : undefined;
}

/** A time that was computed; `undefined` where it is beyond those that there are. */
function whole(ms: number): number | undefined {
  return isInCalendar(ms) ? ms : undefined;
}

function zoneOf(zone: Argument): ZonedCalendar | undefined {
  if (zone === undefined) return calendarOf('UTC');
  return typeof zone === 'string' ? calendarOf(zone) : undefined;
}

function isUnit(unit: Argument): unit is TimeUnit {
  return typeof unit === 'string' && units.has(unit);
}

function wrongUnit(unit: JsonValue | undefined): string | undefined {
  if (typeof unit !== 'string' || units.has(unit)) return undefined;
  return `there is no unit '${unit}': it is one of ${TIME_UNITS.join(', ')}`;
}

/** In SQL the unit often comes first. */
function wrongOrder(time: JsonValue | undefined): string | undefined {
  if (typeof time !== 'string' || timeOf(time) !== undefined) return undefined;
  return units.has(time) || DATE_PARTS.has(time)
    ? `the time comes first, and '${time}' behind it`
    : `'${time}' is no time; a field has no quotes`;
}

export function wrongZone(zone: JsonValue | undefined): string | undefined {
  return typeof zone !== 'string' || calendarOf(zone) !== undefined
    ? undefined
    : `there is no time zone '${zone}': it is ${ZONES}`;
}
