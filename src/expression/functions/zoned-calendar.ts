import { type CalendarDivision, calendarDivision } from '../../record/calendar-division.ts';
import type { CalendarUnit } from '../../record/calendar-units.ts';
import { parseZone, type Zone, type ZoneOffset, zoneOffset } from '../../record/zone.ts';

/** Zones that are kept: making one costs some 50 microseconds, and a record may name another each time. */
const MOST_ZONES = 100;
const LONGEST_NAME = 64;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS_A_WEEK = 7;
const MONTHS_A_YEAR = 12;
const MONTHS_A_QUARTER = 3;

/** The times that have a year around them which a `Date` can hold, in ms to either side of 1970. */
const FURTHEST = 8.64e15 - 400 * DAY_MS;

export const TIME_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Units that are of one length, also where clocks are moved. */
const SPANS: ReadonlyMap<TimeUnit, number> = new Map([
  ['second', SECOND_MS],
  ['minute', MINUTE_MS],
  ['hour', HOUR_MS],
]);
const DAYS: ReadonlyMap<TimeUnit, number> = new Map([
  ['day', 1],
  ['week', DAYS_A_WEEK],
]);
const MONTHS: ReadonlyMap<TimeUnit, number> = new Map([
  ['month', 1],
  ['quarter', MONTHS_A_QUARTER],
  ['year', MONTHS_A_YEAR],
]);

/** Whether functions of dates take this time. */
export function isInCalendar(ms: number): boolean {
  return ms >= -FURTHEST && ms <= FURTHEST;
}

/** Calendars that were asked for. What is no zone is kept too: to find that out costs as much. */
const calendars = new Map<string, ZonedCalendar | undefined>();

/** The calendar of the zone of a name: `UTC`, an offset such as `+02:00`, or a name of IANA's database; `undefined` where there is none. */
export function calendarOf(zone: string): ZonedCalendar | undefined {
  const known = calendars.get(zone);
  if (known !== undefined || zone.length > LONGEST_NAME || calendars.has(zone)) return known;
  const offset = zoneOffset(zone);
  const toUtc = parseZone(zone);
  const made = offset === undefined || toUtc === undefined ? undefined : new ZonedCalendar(zone, offset, toUtc);
  if (calendars.size >= MOST_ZONES) calendars.clear();
  calendars.set(zone, made);
  return made;
}

/** Time as clocks and calendars of a zone show it (ISO 8601: weeks begin on Monday). Times are ms since 1970. */
export class ZonedCalendar {
  /** How far local time is ahead of UTC, in ms. */
  readonly offset: ZoneOffset;
  readonly #zone: string;
  readonly #toUtc: Zone;
  readonly #truncations = new Map<TimeUnit, Truncation>();

  constructor(zone: string, offset: ZoneOffset, toUtc: Zone) {
    this.#zone = zone;
    this.offset = offset;
    this.#toUtc = toUtc;
  }

  /** The beginning of the unit that holds `time`: where windows of a calendar begin. */
  truncate(time: number, unit: TimeUnit): number {
    // Zones of today differ by whole minutes.
    if (unit === 'second') return Math.floor(time / SECOND_MS) * SECOND_MS;
    if (unit === 'minute') return Math.floor(time / MINUTE_MS) * MINUTE_MS;
    let truncation = this.#truncations.get(unit);
    if (truncation === undefined) {
      truncation = new Truncation(unit, this.#zone);
      this.#truncations.set(unit, truncation);
    }
    return truncation.of(time);
  }

  /**
   * The time so many units later (earlier, where negative). Hours and less are spans; days and more keep the time of day, and months the day,
   * or the last day where a month has no such day.
   */
  add(time: number, count: number, unit: TimeUnit): number {
    const span = SPANS.get(unit);
    if (span !== undefined || count === 0) return time + count * (span ?? 0);
    const local = time + this.offset(time);
    const days = DAYS.get(unit);
    return this.#toUtc(days === undefined ? addMonths(local, count * (MONTHS.get(unit) ?? 0)) : local + count * days * DAY_MS);
  }

  /** How many whole units can be added to `from` without going beyond `to`; negative where `to` is before. */
  difference(from: number, to: number, unit: TimeUnit): number {
    // There is no -0 in JSON.
    if (to < from) return -this.difference(to, from, unit) || 0;
    const span = SPANS.get(unit);
    if (span !== undefined) return Math.floor((to - from) / span);
    const [localFrom, localTo] = [from + this.offset(from), to + this.offset(to)];
    const days = DAYS.get(unit);
    const borders =
      days === undefined
        ? Math.floor((monthOf(localTo) - monthOf(localFrom)) / (MONTHS.get(unit) ?? 1))
        : Math.floor((Math.floor(localTo / DAY_MS) - Math.floor(localFrom / DAY_MS)) / days);
    // One more, for clocks that go back over midnight.
    let count = borders + 1;
    while (count > 0 && this.add(from, count, unit) > to) count -= 1;
    return Math.max(0, count);
  }
}

/** Remembers the unit that was asked for last: records are mostly of one. */
class Truncation {
  readonly #division: CalendarDivision | undefined;
  #start = Number.NaN;
  #end = Number.NaN;

  constructor(unit: CalendarUnit, zone: string) {
    this.#division = calendarDivision(unit, zone, 'monday');
  }

  of(time: number): number {
    if (time >= this.#start && time < this.#end) return this.#start;
    if (this.#division === undefined) return Number.NaN;
    this.#start = this.#division.startBefore(time);
    this.#end = this.#division.endOf(this.#start);
    return this.#start;
  }
}

const date = new Date(0);

/** Months since the year 0. */
function monthOf(local: number): number {
  date.setTime(local);
  return date.getUTCFullYear() * MONTHS_A_YEAR + date.getUTCMonth();
}

function addMonths(local: number, count: number): number {
  date.setTime(local);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const month = date.getUTCMonth();
  date.setUTCDate(day);
  // A day that the month does not have rolls over into the next.
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
  return date.getTime();
}
