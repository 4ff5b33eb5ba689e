import type { JsonValue } from '../../record/json.ts';
import type { Zone } from '../../record/zone.ts';
import { parseIso8601 } from './iso8601.ts';
import { compileStrptime, type TimeReader } from './strptime.ts';

/** Reads a field's value as ms since 1970, NaN where it does not fit. `at`: the record's Kafka timestamp in ms, or -1. */
export type ValueTimeReader = (value: JsonValue, at: number) => number;

/** The bounds of what `Date` can hold, and years of four digits after 1970 at that. */
const MAX_MS = 253_402_300_799_999;
const MIN_MS = -62_135_596_800_000;

const NUMBER = /^-?\d{1,15}(?:\.\d{1,9})?$/;

function epochReader(unit: number): ValueTimeReader {
  return (value) => {
    const amount = typeof value === 'string' ? (NUMBER.test(value) ? Number(value) : Number.NaN) : value;
    return typeof amount === 'number' ? Math.floor(amount * unit + 1e-3) : Number.NaN;
  };
}

function textReader(read: TimeReader): ValueTimeReader {
  return (value, at) => (typeof value === 'string' ? read(value, at) : Number.NaN);
}

function withinBounds(read: ValueTimeReader): ValueTimeReader {
  return (value, at) => {
    const ms = read(value, at);
    return ms >= MIN_MS && ms <= MAX_MS ? ms : Number.NaN;
  };
}

/** The reader of a time format by its name (`iso8601`, `unix`, `unix_ms`) or strptime pattern, or why it is none. */
export function timeFormat(format: string, zone: Zone): { readonly read: ValueTimeReader } | { readonly reason: string } {
  if (format === 'iso8601') return { read: withinBounds(textReader((text) => parseIso8601(text, zone))) };
  if (format === 'unix') return { read: withinBounds(epochReader(1000)) };
  if (format === 'unix_ms') return { read: withinBounds(epochReader(1)) };
  if (!format.includes('%'))
    return { reason: 'write iso8601, unix, unix_ms, or a strptime pattern such as %d/%b/%Y:%H:%M:%S %z' };
  const compiled = compileStrptime(format, zone);
  return 'read' in compiled ? { read: withinBounds(textReader(compiled.read)) } : compiled;
}
