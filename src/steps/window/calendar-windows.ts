import type { AlignedWindows } from '../../stream/window/aligned-windows.ts';
import { parseZone, type Zone, type ZoneOffset, zoneOffset } from '../time/zone.ts';
import { bordersOf, type CalendarUnit, type UnitBorders, type WeekStart } from './calendar-units.ts';

const HOUR_MS = 3_600_000;
/** How many windows' ends are remembered: asking for the offset of a zone costs microseconds. */
const MOST_ENDS = 1000;

/** Windows by the calendar of a time zone; `undefined` where there is no zone of that name. */
export function calendarWindows(unit: CalendarUnit, zone: string, weekStart: WeekStart): AlignedWindows | undefined {
  const offset = zoneOffset(zone);
  const toUtc = parseZone(zone);
  if (offset === undefined || toUtc === undefined) return undefined;
  return new CalendarWindows(unit === 'hour' ? new Hours(offset) : new LocalUnits(bordersOf(unit, weekStart), offset, toUtc));
}

/** Where windows lie, in ms since 1970. */
interface Division {
  startBefore(time: number): number;
  endOf(start: number): number;
}

/** Remembers what was asked last: records are mostly of one window. */
class CalendarWindows implements AlignedWindows {
  readonly overlap = 1;
  readonly #division: Division;
  readonly #ends = new Map<number, number>();
  #start = Number.NaN;
  #end = Number.NaN;

  constructor(division: Division) {
    this.#division = division;
  }

  lastStart(time: number): number {
    if (time >= this.#start && time < this.#end) return this.#start;
    const start = this.#division.startBefore(time);
    this.#end = this.endOf(start);
    this.#start = start;
    return start;
  }

  previousStart(start: number): number {
    return this.#division.startBefore(start - 1);
  }

  endOf(start: number): number {
    if (start === this.#start) return this.#end;
    let end = this.#ends.get(start);
    if (end === undefined) {
      end = this.#division.endOf(start);
      if (this.#ends.size >= MOST_ENDS) this.#ends.clear();
      this.#ends.set(start, end);
    }
    return end;
  }
}

/**
 * Days and longer units: a window begins where local time first comes to the beginning of its unit. So the day on which clocks
 * go forward has 23 hours.
 */
class LocalUnits implements Division {
  readonly #borders: UnitBorders;
  readonly #offset: ZoneOffset;
  readonly #toUtc: Zone;

  constructor(borders: UnitBorders, offset: ZoneOffset, toUtc: Zone) {
    this.#borders = borders;
    this.#offset = offset;
    this.#toUtc = toUtc;
  }

  startBefore(time: number): number {
    let border = this.#borders.plus(this.#borders.floor(time + this.#offset(time)), 1);
    // Clocks that go back over midnight make a date come twice.
    while (this.#toUtc(border) <= time) border = this.#borders.plus(border, 1);
    do border = this.#borders.plus(border, -1);
    while (this.#toUtc(border) > time);
    return this.#toUtc(border);
  }

  endOf(start: number): number {
    let border = this.#borders.floor(start + this.#offset(start));
    do border = this.#borders.plus(border, 1);
    while (this.#toUtc(border) <= start);
    return this.#toUtc(border);
  }
}

/**
 * Hours begin where the minute hand of local clocks is at twelve. An hour that comes twice is two windows; where clocks are
 * moved within an hour, its window ends there.
 */
class Hours implements Division {
  readonly #offset: ZoneOffset;

  constructor(offset: ZoneOffset) {
    this.#offset = offset;
  }

  startBefore(time: number): number {
    const offset = this.#offset(time);
    const start = floorHour(time, offset);
    return this.#offset(start) === offset ? start : this.#change(start, time);
  }

  endOf(start: number): number {
    const offset = this.#offset(start);
    const end = floorHour(start, offset) + HOUR_MS;
    return this.#offset(end - 1) === offset ? end : this.#change(start, end - 1);
  }

  /** The first time after `from` with another offset, which `to` has. */
  #change(from: number, to: number): number {
    const offset = this.#offset(from);
    let [before, after] = [from, to];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offset(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }
}

function floorHour(time: number, offset: number): number {
  return Math.floor((time + offset) / HOUR_MS) * HOUR_MS - offset;
}
