import type { JsonValue } from './json.ts';
import { type FieldPath, getField } from './path.ts';
import type { StreamRecord } from './record.ts';

/** RFC 3339 with what ISO 8601 and log formats allow beside it: a date alone, a space for the T, `+0100`, a comma before the fraction, no zone. */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/** The longest text that can be a timestamp. */
const LONGEST = 40;

const MS_PER_MINUTE = 60_000;

/** `2015-05-17T10:05:03.000Z`: what Millrace writes itself, and reads without an expression. */
const OWN_LENGTH = 24;

/** A text as ms since 1970, read as RFC 3339; UTC where it names no zone, digits below the ms cut off; `undefined` where it is no time. */
export function parseTimestamp(text: string): number | undefined {
  return (text.length === OWN_LENGTH ? parseOwnForm(text) : undefined) ?? parseAnyForm(text);
}

function parseOwnForm(text: string): number | undefined {
  if (text.charCodeAt(10) !== 0x54 || text.charCodeAt(23) !== 0x5a || text.charCodeAt(19) !== 0x2e) return undefined;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const ms = twoDigits(text, 20) * 10 + (text.charCodeAt(22) - 0x30);
  // Negated, so that what is no number is refused as well. Days that only some months have go the long way.
  if (
    !(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60 && ms < 1000)
  )
    return undefined;
  if (!(text.charCodeAt(22) >= 0x30)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseAnyForm(text: string): number | undefined {
  const match = text.length <= LONGEST ? TIMESTAMP.exec(text) : null;
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', , sign, zoneHour = '0', zoneMinute = '0'] =
    match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // A day that its month does not have rolls over into the next.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  // A leap second (60) is the first of the next minute, as in POSIX time.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined;
  const time = date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, '0')));
  const ahead = (Number(zoneHour) * 60 + Number(zoneMinute)) * MS_PER_MINUTE;
  return sign === '-' ? time + ahead : time - ahead;
}

/** A value as a time in ms since 1970: a number as it is, a text by {@link parseTimestamp}. */
export function timeOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

/**
 * Event time in ms since 1970: `@timestamp` where the value has one, else Kafka's timestamp. `undefined` where
 * `@timestamp` is no time, or where neither is there. `field`: another field holds it, and nothing else counts.
 */
export function eventTime(record: StreamRecord, field?: FieldPath): number | undefined {
  if (field !== undefined) return timeOf(getField(record.value, field));
  const own = record.value['@timestamp'];
  if (own !== undefined && own !== null) return timeOf(own);
  const time = record.timestamp;
  return time >= 0 ? time : undefined;
}
