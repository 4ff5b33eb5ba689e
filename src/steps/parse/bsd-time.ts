import type { Zone } from '../../record/zone.ts';
import { asUtc, type LocalTime, monthAt } from '../time/calendar.ts';
import { inferYear, isStillNewest } from '../time/year.ts';
import { detached } from './detached.ts';
import { zoneOffset } from './zone-names.ts';

/** `Oct 11 22:14:15`, also with a day of the week, with a year before the month or behind the day, and a fraction. */
const BSD_TIME =
  /(?:[A-Za-z]{3},? )?(?:(\d{4}) )?([A-Za-z]{3}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?=[ :Z+-]|$)/y;
/** What may stand behind: `CET 2026`, `2026 CET`, `+02:00`, `TZ-6`. */
const YEAR = / ((?:19|20)\d{2})(?=[ :]|$)/y;
const OFFSET = / ?(Z|[+-]\d{2}:?\d{2})(?=[ :]|$)/y;
const ZONE = / (TZ[+-]\d{1,2}|[A-Z]{2,5}(?:-[A-Z]{2,5})?)(?=[ :]|$)/y;

/** Length of `Oct 11 22:14:15`, the only form that is remembered. */
const PLAIN_LENGTH = 15;
const SLOTS = 60;

const SPACE = 32;
const COLON = 58;

/** A time and where the text after it begins. */
export interface Stamp {
  /** ms since 1970; NaN where there is no such time. */
  readonly ms: number;
  readonly end: number;
}

/** What stands behind a time of day. */
interface Tail {
  readonly year: string | undefined;
  /** In ms; `undefined` where no zone is named, or none that is known. */
  readonly offset: number | undefined;
  readonly end: number;
}

/** Reads BSD times, which lack year and zone. Remembers the last text of each second of the minute, as ClfClock does. */
export class BsdClock {
  readonly #zone: Zone;
  readonly #texts: string[] = new Array<string>(SLOTS).fill('\0');
  readonly #times: number[] = new Array<number>(SLOTS).fill(Number.NaN);

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** The time at `start`, or `undefined` where there is none. `arrived`: the record's Kafka timestamp in ms, or -1. */
  read(text: string, start: number, arrived: number): Stamp | undefined {
    const slot = (text.charCodeAt(start + 13) - 48) * 10 + text.charCodeAt(start + 14) - 48;
    const end = start + PLAIN_LENGTH;
    const plain = slot >= 0 && slot < SLOTS && text.charCodeAt(end) === SPACE && !mayHaveTail(text.charCodeAt(end + 1));
    if (plain && text.startsWith(this.#texts[slot] as string, start)) {
      const ms = this.#times[slot] as number;
      if (isStillNewest(ms, arrived)) return { ms, end };
    }
    BSD_TIME.lastIndex = start;
    const match = BSD_TIME.exec(text);
    if (match === null) return undefined;
    const early = match[1] ?? match[4];
    const tail = readTail(text, start + match[0].length, early);
    const after = text.charCodeAt(tail.end);
    if (after !== SPACE && after !== COLON && tail.end < text.length) return undefined;
    const stamp = { ms: this.#toMs(match, tail, arrived), end: tail.end };
    if (plain && tail.year === undefined && stamp.end === end && match[0].length === PLAIN_LENGTH) {
      this.#texts[slot] = detached(match[0]);
      this.#times[slot] = stamp.ms;
    }
    return stamp;
  }

  #toMs(match: RegExpExecArray, { year, offset }: Tail, arrived: number): number {
    const time: LocalTime = {
      year: Number(year ?? 0),
      month: monthAt(match[2] as string, 0),
      day: Number(match[3]),
      hour: Number(match[5]),
      minute: Number(match[6]),
      second: Number(match[7]),
      millisecond: Number((match[8] ?? '').padEnd(3, '0').slice(0, 3)),
    };
    const zone: Zone = offset === undefined ? this.#zone : (localMs) => localMs - offset;
    return year === undefined ? inferYear(time, zone, arrived) : zone(asUtc(time));
  }
}

/** Whether a zone or a year may begin with this character: a capital, a sign, 1 or 2. */
function mayHaveTail(code: number): boolean {
  return (code >= 65 && code <= 90) || code === 43 || code === 45 || code === 49 || code === 50;
}

function readTail(text: string, start: number, early: string | undefined): Tail {
  let year = early;
  let offset: number | undefined;
  let end = start;
  // The year may come before the zone (Cisco) or behind it (RFC 3164, 5.4).
  for (let turn = 0; turn < 2 && text.charCodeAt(end) !== COLON; turn += 1) {
    const found = year === undefined ? matchAt(YEAR, text, end) : undefined;
    if (found !== undefined) {
      year = found.trim();
      end += found.length;
    }
    const zone = turn === 0 ? readZone(text, end) : undefined;
    if (zone === undefined) continue;
    offset = zone.offset;
    end = zone.end;
  }
  return { year, offset, end };
}

function readZone(text: string, at: number): { readonly offset: number | undefined; readonly end: number } | undefined {
  const found = matchAt(OFFSET, text, at) ?? matchAt(ZONE, text, at);
  if (found === undefined) return undefined;
  const offset = zoneOffset(found.trim());
  const end = at + found.length;
  // A word that is no known zone is one all the same where Cisco's colon follows; else it is the host.
  return offset === undefined && text.charCodeAt(end) !== COLON ? undefined : { offset, end };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
