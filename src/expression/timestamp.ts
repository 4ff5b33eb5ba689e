import type { JsonValue } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';

/** RFC 3339 with what ISO 8601 and log formats allow beside it: a date alone, a space for the T, `+0100`, a comma before the fraction, no zone. */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/** The longest text that can be a timestamp. */
const LONGEST = 40;

const MS_PER_MINUTE = 60_000;

/** A text as ms since 1970, read as RFC 3339; UTC where it names no zone, digits below the ms cut off; `undefined` where it is no time. */
export function parseTimestamp(text: string): number | undefined {
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
 * `@timestamp` is no time, or where neither is there.
 */
export function eventTime(record: StreamRecord): number | undefined {
  const own = record.value['@timestamp'];
  if (own !== undefined && own !== null) return timeOf(own);
  const time = record.timestamp;
  return time >= 0 ? time : undefined;
}
