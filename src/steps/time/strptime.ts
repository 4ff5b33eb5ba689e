import type { Zone } from '../../record/zone.ts';
import { asUtc, digitsAt, type LocalTime, monthAt } from './calendar.ts';
import { offsetMs } from './iso8601.ts';
import { inferYear } from './year.ts';

/** Reads a text as ms since 1970, NaN where it does not fit. `at`: the record's Kafka timestamp in ms, or -1. */
export type TimeReader = (text: string, at: number) => number;

/** What the directives of one format fill. */
interface Fields extends LocalTime {
  /** Where the next directive reads; -1 once the text does not fit. */
  at: number;
  /** Offset from UTC in ms; NaN where the text named none. */
  offset: number;
  /** ms since 1970 by `%s`, or NaN. */
  epoch: number;
  afternoon: boolean | undefined;
}

type Piece = (text: string, fields: Fields) => void;

/** A number of up to `most` digits, of which at least one must be there. */
function number(most: number, store: (fields: Fields, value: number, digits: number) => void, padded = false): Piece {
  return (text, fields) => {
    let { at } = fields;
    if (padded && text.charCodeAt(at) === 32) at += 1;
    let end = at;
    while (end - at < most && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
    if (end === at) {
      fields.at = -1;
      return;
    }
    store(fields, digitsAt(text, at, end - at), end - at);
    fields.at = end;
  };
}

/** What matches `pattern`, a sticky expression, at the cursor. */
function matching(pattern: RegExp, store: (fields: Fields, text: string) => void): Piece {
  return (text, fields) => {
    pattern.lastIndex = fields.at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) {
      fields.at = -1;
      return;
    }
    store(fields, found);
    fields.at += found.length;
  };
}

const nothing = (): void => {};

const DIRECTIVES: Readonly<Record<string, Piece>> = {
  Y: number(4, (fields, value) => {
    fields.year = value;
  }),
  // POSIX: 69 to 99 are of the last century.
  y: number(2, (fields, value) => {
    fields.year = value + (value >= 69 ? 1900 : 2000);
  }),
  m: number(2, (fields, value) => {
    fields.month = value - 1;
  }),
  d: number(
    2,
    (fields, value) => {
      fields.day = value;
    },
    true,
  ),
  e: number(
    2,
    (fields, value) => {
      fields.day = value;
    },
    true,
  ),
  H: number(
    2,
    (fields, value) => {
      fields.hour = value;
    },
    true,
  ),
  I: number(
    2,
    (fields, value) => {
      fields.hour = value >= 1 && value <= 12 ? value % 12 : Number.NaN;
    },
    true,
  ),
  M: number(2, (fields, value) => {
    fields.minute = value;
  }),
  S: number(2, (fields, value) => {
    fields.second = value;
  }),
  f: number(9, (fields, value, digits) => {
    fields.millisecond = Math.floor((value / 10 ** digits) * 1000 + 1e-6);
  }),
  s: number(12, (fields, value) => {
    fields.epoch = value * 1000;
  }),
  p: matching(/[AaPp][Mm]/y, (fields, text) => {
    fields.afternoon = text.charCodeAt(0) === 80 || text.charCodeAt(0) === 112;
  }),
  b: matching(/[A-Za-z]{3}/y, (fields, text) => {
    fields.month = monthAt(text, 0);
  }),
  B: matching(/[A-Za-z]{3,9}/y, (fields, text) => {
    fields.month = monthAt(text, 0);
  }),
  a: matching(/[A-Za-z]{3}/y, nothing),
  A: matching(/[A-Za-z]{6,9}/y, nothing),
  z: matching(/Z|[+-]\d{2}:?\d{2}/y, (fields, text) => {
    fields.offset = offsetMs(text);
  }),
  Z: matching(/UTC|GMT|Z/y, (fields) => {
    fields.offset = 0;
  }),
};

const SHORTHANDS: Readonly<Record<string, string>> = { T: '%H:%M:%S', F: '%Y-%m-%d', R: '%H:%M', D: '%m/%d/%y', h: '%b' };

/** A blank in a format stands for any number of blanks in the text, none included (as in POSIX). */
const blanks: Piece = matching(/[ \t]*/y, nothing);

function literal(character: string): Piece {
  return (text, fields) => {
    fields.at = text.startsWith(character, fields.at) ? fields.at + character.length : -1;
  };
}

/** A format that was read, or why it is none. */
export type CompiledFormat = { readonly read: TimeReader } | { readonly reason: string };

/**
 * Compiles a time format of POSIX `strptime`: %Y %y %m %d %e %H %I %p %M %S %s %b %B %a %A, further %f (a fraction of a
 * second of 1 to 9 digits), %z (`+0200`, `+02:00`, `Z`), %Z (UTC, GMT, Z), %T %F %R %D, %%. The whole text must fit. A time without offset is local to
 * `zone`; one without a year is of the latest year that fits.
 */
export function compileStrptime(format: string, zone: Zone): CompiledFormat {
  const expanded = format.replaceAll(/%([TFRDh])/g, (_whole, letter: string) => SHORTHANDS[letter] as string);
  const pieces: Piece[] = [];
  const letters = new Set<string>();
  for (const [whole, letter] of expanded.matchAll(/%([^])|%$|\s+|[^%\s]+/g)) {
    if (letter === '%') pieces.push(literal('%'));
    else if (whole.startsWith('%')) {
      const piece = letter !== undefined && Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
      if (piece === undefined)
        return { reason: `${whole} is no directive; there are %${Object.keys(DIRECTIVES).join(' %')} %T %F %R %D %%` };
      pieces.push(piece);
      letters.add(letter as string);
    } else pieces.push(/^\s/.test(whole) ? blanks : literal(whole));
  }
  const has = (...any: string[]): boolean => any.some((letter) => letters.has(letter));
  if (!has('s') && !(has('m', 'b', 'B') && has('d', 'e')))
    return { reason: 'it names no month and day, nor seconds since 1970 (%s)' };
  if (has('I') !== has('p')) return { reason: '%I and %p need each other' };
  return { read: reader(pieces, zone, has('Y', 'y')) };
}

function reader(pieces: readonly Piece[], zone: Zone, hasYear: boolean): TimeReader {
  const fields: Fields = {
    at: 0,
    year: 0,
    month: 0,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 0,
    offset: Number.NaN,
    epoch: Number.NaN,
    afternoon: undefined,
  };
  return (text, at) => {
    reset(fields);
    for (const piece of pieces) {
      piece(text, fields);
      if (fields.at < 0) return Number.NaN;
    }
    if (fields.at !== text.length) return Number.NaN;
    if (!Number.isNaN(fields.epoch)) return fields.epoch + fields.millisecond;
    if (fields.afternoon === true) fields.hour += 12;
    const { offset } = fields;
    const own: Zone = Number.isNaN(offset) ? zone : (localMs) => localMs - offset;
    return hasYear ? own(asUtc(fields)) : inferYear(fields, own, at);
  };
}

function reset(fields: Fields): void {
  fields.at = 0;
  fields.year = 0;
  fields.month = 0;
  fields.day = 1;
  fields.hour = 0;
  fields.minute = 0;
  fields.second = 0;
  fields.millisecond = 0;
  fields.offset = Number.NaN;
  fields.epoch = Number.NaN;
  fields.afternoon = undefined;
}
