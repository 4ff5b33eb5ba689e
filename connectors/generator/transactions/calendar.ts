import { DECEMBER, MONTH_END, WEEKEND } from './categories.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = 24;

/** How many transactions a day has beside the average of a week, from Sunday on. */
const BY_WEEKDAY = [0.85, 0.9, 0.93, 0.97, 1.03, 1.2, 1.12] as const;
/** Wages are paid at the end of the month: its last two days and the first of the next have more. */
const MONTH_END_FACTOR = 1.15;
const DECEMBER_FACTOR = 1.25;
/** Gifts are bought until Christmas Eve. */
const LAST_OF_DECEMBER = 24;
const DECEMBER_MONTH = 11;
const FRIDAY = 5;

/**
 * How many transactions there are up to each time, as a real number that rises with it: busy hours have more, by the hours
 * of the customers, and so have some days. Both ways take a search among days, and for times near each other not even that.
 */
export class Calendar {
  readonly #firstDay: number;
  readonly #perDay: number;
  /** The part of a day's transactions before each hour of it (UTC). */
  readonly #beforeHour: Float64Array;
  /** The count at the beginning of each day, and of one more: it grows as later times are asked for. */
  readonly #beforeDay: number[] = [0];
  readonly #countAtStart: number;
  /** The hour in which {@link timeAt} found the last time. */
  #hourStart = 0;
  #hourCount = 0;
  #hourEndCount = -1;
  /** The day of the last {@link seasonOf}, and what it was. */
  #seasonDay = Number.NaN;
  #season = 0;

  /**
   * `start`: ms since 1970, at which the count is 0. `rate`: transactions a second on the average of a week without seasons. `byHour`: how
   * many each hour of UTC has, by any measure; none may be without.
   */
  constructor(start: number, rate: number, byHour: ArrayLike<number>) {
    this.#firstDay = Math.floor(start / DAY_MS) * DAY_MS;
    this.#perDay = (rate * DAY_MS) / 1000;
    this.#beforeHour = new Float64Array(HOURS + 1);
    for (let hour = 0; hour < HOURS; hour += 1) {
      this.#beforeHour[hour + 1] = (this.#beforeHour[hour] as number) + (byHour[hour] as number);
    }
    const sum = this.#beforeHour[HOURS] as number;
    for (let hour = 0; hour <= HOURS; hour += 1) this.#beforeHour[hour] = (this.#beforeHour[hour] as number) / sum;
    this.#countAtStart = this.#count(start);
  }

  /** How many transactions there are from the start up to a time, in ms since 1970, that is not before it. */
  countAt(time: number): number {
    return this.#count(time) - this.#countAtStart;
  }

  /** The time at which there are so many: the inverse of {@link countAt}. */
  timeAt(countFromStart: number): number {
    const count = countFromStart + this.#countAtStart;
    if (count < this.#hourCount || count >= this.#hourEndCount) this.#findHour(count);
    const part = (count - this.#hourCount) / (this.#hourEndCount - this.#hourCount);
    return this.#hourStart + Math.min(Math.max(part, 0), 1) * HOUR_MS;
  }

  /** What is special about the day of a time: bits of categories.ts. */
  seasonOf(time: number): number {
    const day = Math.floor(time / DAY_MS);
    if (day !== this.#seasonDay) {
      this.#seasonDay = day;
      this.#season = seasonOfDay(day * DAY_MS);
    }
    return this.#season;
  }

  #count(time: number): number {
    const day = Math.floor((time - this.#firstDay) / DAY_MS);
    const before = this.#countBefore(day);
    const hours = (time - this.#firstDay - day * DAY_MS) / HOUR_MS;
    const hour = Math.floor(hours);
    const atHour = this.#beforeHour[hour] as number;
    const inDay = atHour + ((this.#beforeHour[hour + 1] as number) - atHour) * (hours - hour);
    return before + (this.#countBefore(day + 1) - before) * inDay;
  }

  #countBefore(day: number): number {
    const sums = this.#beforeDay;
    while (sums.length <= day) {
      const last = sums.length - 1;
      sums.push((sums[last] as number) + this.#perDay * factorOfDay(this.#firstDay + last * DAY_MS));
    }
    return sums[day] as number;
  }

  #findHour(count: number): void {
    let low = 0;
    let high = 1;
    while (this.#countBefore(high) <= count) {
      low = high;
      high *= 2;
    }
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#countBefore(middle) <= count) low = middle;
      else high = middle;
    }
    const before = this.#countBefore(low);
    const ofDay = this.#countBefore(low + 1) - before;
    let hour = 0;
    while (hour < HOURS - 1 && before + ofDay * (this.#beforeHour[hour + 1] as number) <= count) hour += 1;
    this.#hourStart = this.#firstDay + low * DAY_MS + hour * HOUR_MS;
    this.#hourCount = before + ofDay * (this.#beforeHour[hour] as number);
    this.#hourEndCount = before + ofDay * (this.#beforeHour[hour + 1] as number);
  }
}

function factorOfDay(day: number): number {
  const season = seasonOfDay(day);
  const weekday = BY_WEEKDAY[new Date(day).getUTCDay()] as number;
  return weekday * (season & MONTH_END ? MONTH_END_FACTOR : 1) * (season & DECEMBER ? DECEMBER_FACTOR : 1);
}

function seasonOfDay(day: number): number {
  const date = new Date(day);
  const weekday = date.getUTCDay();
  // The day after tomorrow is in another month for the last two days of a month.
  const monthEnd = date.getUTCDate() === 1 || new Date(day + 2 * DAY_MS).getUTCMonth() !== date.getUTCMonth();
  const december = date.getUTCMonth() === DECEMBER_MONTH && date.getUTCDate() <= LAST_OF_DECEMBER;
  return (weekday === 0 || weekday > FRIDAY ? WEEKEND : 0) | (monthEnd ? MONTH_END : 0) | (december ? DECEMBER : 0);
}
