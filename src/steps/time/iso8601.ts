import type { Zone } from '../../record/zone.ts';
import { asUtc } from './calendar.ts';

/** Date, `T` or a space, time with optional seconds and fraction (of any length), and an optional offset. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([Zz]|[+-]\d{2}(?::?\d{2})?))?)?$/;

/** Longer texts are no time: keeps the cost of nonsense small. */
const MAX_LENGTH = 40;

/**
 * Reads a time as ISO 8601 and RFC 3339 write it (`2015-05-17T10:05:03.123+02:00`, also with a space, without offset,
 * or a date alone), as ms since 1970; NaN where it is none. Digits below the millisecond are cut off. Without an offset
 * it is local to `zone`.
 */
export function parseIso8601(text: string, zone: Zone): number {
  const match = text.length <= MAX_LENGTH ? ISO.exec(text) : null;
  if (match === null) return Number.NaN;
  const local = asUtc({
    year: Number(match[1]),
    month: Number(match[2]) - 1,
    day: Number(match[3]),
    hour: Number(match[4] ?? 0),
    minute: Number(match[5] ?? 0),
    second: Number(match[6] ?? 0),
    millisecond: Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
  });
  const offset = match[8];
  return offset === undefined ? zone(local) : local - offsetMs(offset);
}

/** `Z`, `+02`, `+0200` or `+02:00` in ms; NaN where it is out of range. */
export function offsetMs(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2)) * (text.length > 3 ? 1 : 0);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (text.charCodeAt(0) === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
