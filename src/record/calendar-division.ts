import { bordersOf, type CalendarUnit, type UnitBorders, type WeekStart } from './calendar-units.ts';
import { parseZone, type Zone, type ZoneOffset, zoneOffset } from './zone.ts';

const HOUR_MS = 3_600_000;

/** Where the units of a calendar lie in time, in ms since 1970. They have no gaps between them. */
export interface CalendarDivision {
  /** The beginning of the unit that holds `time`. */
  startBefore(time: number): number;
  /** The end of the unit that begins at `start`, which is the beginning of the next. */
  endOf(start: number): number;
}

/** How the calendar of a time zone divides time; `undefined` where there is no zone of that name. */
export function calendarDivision(unit: CalendarUnit, zone: string, weekStart: WeekStart): CalendarDivision | undefined {
  const offset = zoneOffset(zone);
  const toUtc = parseZone(zone);
  if (offset === undefined || toUtc === undefined) return undefined;
  return unit === 'hour' ? new Hours(offset) : new LocalUnits(bordersOf(unit, weekStart), offset, toUtc);
}

/**
 * Days and longer units: a unit begins where local time first comes to the beginning of its unit. So the day on which clocks
 * go forward has 23 hours.
 */
class LocalUnits implements CalendarDivision {
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
 * Hours begin where the minute hand of local clocks is at twelve. An hour that comes twice is two units; where clocks are
 * moved within an hour, its unit ends there.
 */
class Hours implements CalendarDivision {
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
