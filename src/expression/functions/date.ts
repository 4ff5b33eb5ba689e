import { parseTimestamp, timeOf } from '../../record/event-time.ts';
import { wrongZone } from './calendar.ts';
import { dayOfYear } from './date-parts.ts';
import type { Argument, ExpressionFunction } from './definition.ts';
import { calendarOf, isInCalendar } from './zoned-calendar.ts';

/** The time that a `Date` can hold, in ms to either side of 1970. */
const FURTHEST = 8.64e15;

const LONGEST_FORMAT = 100;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MS_PER_MINUTE = 60_000;

const two = (value: number): string => String(value).padStart(2, '0');

type Directive = (date: Date, offset: number) => string;

/**
 * The directives of POSIX `strftime` that are the same everywhere, and %L (ms) of Ruby and Logstash. The UTC of the date is local time, which
 * is ahead of UTC by the offset in ms.
 */
const DIRECTIVES: ReadonlyMap<string, Directive> = new Map<string, Directive>([
  ['Y', (date) => String(date.getUTCFullYear()).padStart(4, '0')],
  ['m', (date) => two(date.getUTCMonth() + 1)],
  ['d', (date) => two(date.getUTCDate())],
  ['H', (date) => two(date.getUTCHours())],
  ['M', (date) => two(date.getUTCMinutes())],
  ['S', (date) => two(date.getUTCSeconds())],
  ['L', (date) => String(date.getUTCMilliseconds()).padStart(3, '0')],
  ['j', (date) => String(dayOfYear(date)).padStart(3, '0')],
  ['b', (date) => MONTHS[date.getUTCMonth()] ?? ''],
  ['a', (date) => DAYS[date.getUTCDay()] ?? ''],
  ['s', (date, offset) => String(Math.floor((date.getTime() - offset) / 1000))],
  ['z', (_, offset) => zoneText(offset)],
  ['%', () => '%'],
]);

/**
 * Functions of time, which is always ms since 1970. There is no `now`: replaying a topic must give the same result, so
 * time comes from the record (`$time`).
 */
export const dateFunctions: readonly ExpressionFunction[] = [
  {
    name: 'parse_timestamp',
    summary: 'The time that an RFC 3339 text names, in ms since 1970 (UTC where it has no zone); missing where it is none.',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'number',
    example: { text: "parse_timestamp('2015-05-17T10:05:03+02:00')", result: 1_431_849_903_000 },
    call: (text: Argument) => (typeof text === 'string' ? parseTimestamp(text) : undefined),
  },
  {
    name: 'format_timestamp',
    summary:
      'A time (ms since 1970, or an RFC 3339 text) as RFC 3339 in UTC, or by a format of %Y %m %d %H %M %S %L (ms) %j %b %a %s (Unix seconds) %z %% in a time zone (UTC where left out).',
    parameters: [
      { name: 'time', type: 'any' },
      { name: 'format', type: 'string', optional: true },
      { name: 'zone', type: 'string', optional: true },
    ],
    returns: 'string',
    example: { text: "format_timestamp(1431849903000, '%Y.%m.%d')", result: '2015.05.17' },
    call: (time: Argument, format: Argument, zone: Argument) => {
      const ms = typeof time === 'number' || typeof time === 'string' ? timeOf(time) : undefined;
      if (ms === undefined || Math.abs(ms) > FURTHEST) return undefined;
      if (format === undefined && zone === undefined) return new Date(ms).toISOString();
      const offset = zone === undefined ? 0 : offsetIn(zone, ms);
      return typeof format === 'string' && offset !== undefined ? formatLocal(ms, offset, format) : undefined;
    },
    check: ([, format, zone]) =>
      (typeof format === 'string' ? (wrongFormat(format) ?? foreignFormat(format)) : undefined) ?? wrongZone(zone),
  },
];

function offsetIn(zone: Argument, ms: number): number | undefined {
  return typeof zone === 'string' && isInCalendar(ms) ? calendarOf(zone)?.offset(ms) : undefined;
}

function formatLocal(ms: number, offset: number, format: string): string | undefined {
  if (wrongFormat(format) !== undefined) return undefined;
  const date = new Date(ms + offset);
  return format.replaceAll(/%(.)/gs, (_, directive: string) => DIRECTIVES.get(directive)?.(date, offset) ?? '');
}

/** As RFC 2822 has it: the seconds that zones had long ago are left out. */
function zoneText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / MS_PER_MINUTE);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

/** A format that is written out and has no directive gives the same text for every time: it is of another language. */
function foreignFormat(format: string): string | undefined {
  return format.includes('%') ? undefined : `the format ${JSON.stringify(format)} has no directive; write such as %Y-%m-%d`;
}

/** What is wrong with a format, or `undefined`. */
function wrongFormat(format: string): string | undefined {
  if (format.length > LONGEST_FORMAT) return `the format is longer than ${LONGEST_FORMAT} characters`;
  const unknown = [...format.matchAll(/%(.?)/gs)].find(([, directive = '']) => !DIRECTIVES.has(directive));
  if (unknown === undefined) return undefined;
  return `the format has ${unknown[0]}; it may have ${[...DIRECTIVES.keys()].map((directive) => `%${directive}`).join(' ')}`;
}
