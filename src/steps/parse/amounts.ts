import { ParseFailure, type TextParser } from './parser.ts';

/** Units that a span of time can be given in. */
export const TIME_UNITS = ['ns', 'us', 'ms', 's'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const NS_PER: Readonly<Record<TimeUnit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** Longer texts are no amount: keeps the cost of nonsense small. */
const MAX_LENGTH = 100;

const NO_DURATION = new ParseFailure('it is no duration such as 1h15m30.5s, 250ms, "2 days, 3 hours", 01:30:00 or PT1H30M');
const NO_SIZE = new ParseFailure('it is no amount of bytes such as 5.3 MB, 64KiB, 10K or 1,024');

const MINUTE_NS = 60e9;
const HOUR_NS = 3600e9;
const DAY_NS = 24 * HOUR_NS;

function named(names: string, ns: number): [string, number][] {
  return names.split(' ').map((name) => [name, ns]);
}

const SPANS: ReadonlyMap<string, number> = new Map([
  ...named('ns nsec nsecs nanosecond nanoseconds', 1),
  // U+00B5 and U+03BC both: Go takes either.
  ...named('us \u00b5s \u03bcs usec usecs microsecond microseconds', 1e3),
  ...named('ms msec msecs millisecond milliseconds', 1e6),
  ...named('s sec secs second seconds', 1e9),
  ...named('m min mins minute minutes', MINUTE_NS),
  ...named('h hr hrs hour hours', HOUR_NS),
  ...named('d day days', DAY_NS),
  ...named('w week weeks', 7 * DAY_NS),
]);

const PART = /[\s,]*(?:and\s+)?(\d+(?:\.\d*)?|\.\d+)\s*([a-z\u00b5\u03bc]+)/iy;
const CLOCK = /^(?:(\d+)(?:\.|\s*d(?:ays?)?,?\s*|-))?(\d+):([0-5]?\d)(?::([0-5]?\d(?:\.\d+)?))?$/i;
const ISO = /^P(?:(\d+)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/**
 * Makes a reader of spans of time as Go writes them (`1h15m30.5s`), as people do (`2 days, 3 hours`), as clocks
 * (`[days.]hours:minutes:seconds`, without the third number hours and minutes) and as ISO 8601 without years and months.
 * A number without a unit is none, but for 0. Nanoseconds are exact up to 104 days; the result is rounded to them.
 */
export function durationParser(unit: TimeUnit): TextParser {
  const per = NS_PER[unit];
  return (text) => {
    const ns = readDuration(text);
    return Number.isFinite(ns) ? { value: Math.round(ns) / per } : NO_DURATION;
  };
}

function readDuration(whole: string): number {
  if (whole.length > MAX_LENGTH) return Number.NaN;
  const trimmed = whole.trim();
  const negative = trimmed.startsWith('-');
  const text = negative || trimmed.startsWith('+') ? trimmed.slice(1) : trimmed;
  const ns = text === '0' ? 0 : unsigned(text);
  return negative && ns !== 0 ? -ns : ns;
}

function unsigned(text: string): number {
  const clock = CLOCK.exec(text);
  if (clock !== null) return sum([clock[1], DAY_NS], [clock[2], HOUR_NS], [clock[3], MINUTE_NS], [clock[4], 1e9]);
  const iso = ISO.exec(text);
  if (iso !== null && /\d[A-Z]$/i.test(text)) {
    return sum([iso[1], 7 * DAY_NS], [iso[2], DAY_NS], [iso[3], HOUR_NS], [iso[4], MINUTE_NS], [iso[5], 1e9]);
  }
  let total = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    // `M` is no minute to everybody: units of one letter are written small.
    const word = part?.[2] ?? '';
    const ns = SPANS.get(word) ?? (word.length > 2 ? SPANS.get(word.toLowerCase()) : undefined);
    if (part === null || ns === undefined) return Number.NaN;
    total += Number(part[1]) * ns;
    at += part[0].length;
  }
  return text === '' ? Number.NaN : total;
}

function sum(...parts: readonly (readonly [string | undefined, number])[]): number {
  return parts.reduce((total, [amount, ns]) => total + Number(amount ?? 0) * ns, 0);
}

const SIZE = /^(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)$/i;
const PREFIXES = ['', 'k', 'm', 'g', 't', 'p', 'e'];
const WORDS: ReadonlyMap<string, string> = new Map([
  ['kilo', 'k'],
  ['mega', 'm'],
  ['giga', 'g'],
  ['tera', 't'],
  ['peta', 'p'],
  ['exa', 'e'],
  ['kibi', 'ki'],
  ['mebi', 'mi'],
  ['gibi', 'gi'],
  ['tebi', 'ti'],
  ['pebi', 'pi'],
  ['exbi', 'ei'],
]);

/**
 * Reads an amount of bytes: `512`, `512 B`, `5.3 MB` and `5.3 megabytes` (of 1000, as in SI), `64KiB` (of 1024, as in
 * IEC 80000-13), and `10K`, `5.3G` (of 1024, as `ls -h`, `du -h`, the JVM and nginx write). Bits (`Mb`) are none.
 * Rounded to whole bytes.
 */
export const parseBytes: TextParser = (text) => {
  const match = text.length <= MAX_LENGTH ? SIZE.exec(text.trim()) : null;
  const factor = match === null ? undefined : factorOf(match[2] as string);
  if (match === null || factor === undefined) return NO_SIZE;
  return { value: Math.round(Number((match[1] as string).replaceAll(',', '')) * factor) };
};

function factorOf(unit: string): number | undefined {
  if (unit === '' || /^b(?:ytes?)?$/i.test(unit)) return 1;
  const word = /^([a-z]{3,4})bytes?$/i.exec(unit);
  const symbol = word === null ? unit : WORDS.get((word[1] as string).toLowerCase());
  const parts = symbol === undefined ? null : /^([kmgtpe])(i?)(b?)$/i.exec(symbol);
  // A small b is a bit where the letter before it is a large one: `Mb`, but `mb` and `kb` are written by careless people.
  if (parts === null || (parts[3] === 'b' && /[A-Z]/.test(parts[1] as string))) return undefined;
  const binary = parts[2] !== '' || (parts[3] === '' && word === null);
  return (binary ? 1024 : 1000) ** PREFIXES.indexOf((parts[1] as string).toLowerCase());
}
