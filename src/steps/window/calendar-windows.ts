import { type CalendarDivision, calendarDivision } from '../../record/calendar-division.ts';
import type { CalendarUnit, WeekStart } from '../../record/calendar-units.ts';
import type { AlignedWindows } from '../../stream/window/aligned-windows.ts';

/** How many windows' ends are remembered: finding one costs microseconds. */
const MOST_ENDS = 1000;

/** Windows by the calendar of a time zone; `undefined` where there is no zone of that name. */
export function calendarWindows(unit: CalendarUnit, zone: string, weekStart: WeekStart): AlignedWindows | undefined {
  const division = calendarDivision(unit, zone, weekStart);
  return division === undefined ? undefined : new CalendarWindows(division);
}

/** Remembers what was asked last: records are mostly of one window. */
class CalendarWindows implements AlignedWindows {
  readonly overlap = 1;
  readonly #division: CalendarDivision;
  readonly #ends = new Map<number, number>();
  #start = Number.NaN;
  #end = Number.NaN;

  constructor(division: CalendarDivision) {
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
