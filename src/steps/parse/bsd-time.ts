import { asUtc, type LocalTime, monthAt } from '../time/calendar.ts';
import { inferYear, isStillNewest } from '../time/year.ts';
import type { Zone } from '../time/zone.ts';
import { detached } from './detached.ts';

/** `Oct 11 22:14:15`, also with a year after the day, and a fraction (Cisco, rsyslog). */
const BSD_TIME = /([A-Za-z]{3}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?=[ :]|$)/y;

/** Length of `Oct 11 22:14:15`, the only form that is remembered. */
const PLAIN_LENGTH = 15;
const SLOTS = 60;

/** A time and where the text after it begins. */
export interface Stamp {
  /** ms since 1970; NaN where there is no such time. */
  readonly ms: number;
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
    if (slot >= 0 && slot < SLOTS && text.charCodeAt(end) === 32 && text.startsWith(this.#texts[slot] as string, start)) {
      const ms = this.#times[slot] as number;
      if (isStillNewest(ms, arrived)) return { ms, end };
    }
    BSD_TIME.lastIndex = start;
    const match = BSD_TIME.exec(text);
    if (match === null) return undefined;
    const stamp = { ms: this.#toMs(match, arrived), end: start + match[0].length };
    if (match[3] === undefined && stamp.end === end && slot >= 0 && slot < SLOTS) {
      this.#texts[slot] = detached(match[0]);
      this.#times[slot] = stamp.ms;
    }
    return stamp;
  }

  #toMs(match: RegExpExecArray, arrived: number): number {
    const time: LocalTime = {
      year: Number(match[3] ?? 0),
      month: monthAt(match[1] as string, 0),
      day: Number(match[2]),
      hour: Number(match[4]),
      minute: Number(match[5]),
      second: Number(match[6]),
      millisecond: Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
    };
    return match[3] === undefined ? inferYear(time, this.#zone, arrived) : this.#zone(asUtc(time));
  }
}
