import { isIP } from 'node:net';
import type { JsonValue } from '../../record/json.ts';

/** A value in another type; `undefined` where it is none of that type. */
export type Conversion = (value: JsonValue) => JsonValue | undefined;

const INTEGER = /^[+-]?\d{1,20}$/;
/** Written so that no text of digits can be read in two ways. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const AMOUNT = /^(\d{1,15}(?:\.\d{1,9})?)\s?([a-zA-Zµμ]{0,3})$/;
/** Spans of hours, minutes, ... in one text, as Go and Millrace itself write them: `1h2m3.5s`. */
const SPANS = /(\d{1,15}(?:\.\d{1,9})?)(ns|us|µs|μs|ms|s|m|h|d|w)/g;
const ALL_SPANS = /^(?:\d{1,15}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|s|m|h|d|w))+$/;

/** Longer texts are no number, and are not looked at. */
const LONGEST = 100;

const TRUE: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off', '0']);

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

const NS_PER_MS = 1_000_000;
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  µs: 1_000,
  μs: 1_000,
  ms: NS_PER_MS,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
  d: 86_400_000_000_000,
  w: 604_800_000_000_000,
};

/** What fields can be converted to, by name. Each takes what is of its type already as it is. */
export const conversions = {
  integer: toInteger,
  float: toFloat,
  boolean: toBoolean,
  string: toText,
  ip: toIp,
  bytes: toBytes,
  duration_ms: (value) => toDuration(value, NS_PER_MS),
  duration_ns: (value) => toDuration(value, 1),
} satisfies Record<string, Conversion>;

export type ConversionName = keyof typeof conversions;

export const CONVERSION_NAMES = Object.keys(conversions) as [ConversionName, ...ConversionName[]];

/** A whole number, kept exactly: larger ones than 2^53 are none. A fraction is not cut off. */
function toInteger(value: JsonValue): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? numberIn(value, INTEGER) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

function toFloat(value: JsonValue): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? numberIn(value, DECIMAL) : value;
  return Number.isFinite(number) ? (number as number) : undefined;
}

function numberIn(text: string, form: RegExp): number | undefined {
  if (text.length > LONGEST) return undefined;
  const trimmed = text.trim();
  return form.test(trimmed) ? Number(trimmed) : undefined;
}

function toBoolean(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : undefined;
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const word = value.trim().toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

/** The text of a scalar, and an object as JSON. */
function toText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An address without blanks, brackets and zone: `[fe80::1%eth0]` is `fe80::1`. */
function toIp(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const trimmed = value.trim();
  const bare = trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : trimmed;
  if (isIP(bare) === 0) return undefined;
  const zone = bare.indexOf('%');
  return zone < 0 ? bare : bare.slice(0, zone);
}

/** `5MB`, `64 KiB`, `512`: kB, MB, GB, TB are powers of 1000; k, M, G, T alone and KiB, ... of 1024, as tools of Unix write them. */
function toBytes(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const match = AMOUNT.exec(value.trim());
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (match === null || !Object.hasOwn(BYTES, unit)) return undefined;
  return safe(Math.round(Number(match[1]) * (BYTES[unit] as number)));
}

/** A number is one of the target's unit already. */
function toDuration(value: JsonValue, unit: number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const text = value.trim();
  if (!ALL_SPANS.test(text)) return undefined;
  let nanoseconds = 0;
  for (const [, amount, name] of text.matchAll(SPANS)) nanoseconds += Number(amount) * (NANOSECONDS[name as string] as number);
  return unit === 1 ? safe(Math.round(nanoseconds)) : nanoseconds / unit;
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number : undefined;
}
