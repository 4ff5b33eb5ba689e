const MS_PER_DAY = 86_400_000;
const DAYS_A_WEEK = 7;
const THURSDAY = 4;

/** Parts of a date whose UTC is local time. Weeks and days of them are those of ISO 8601: 1 is Monday. */
export const DATE_PARTS: ReadonlyMap<string, (date: Date) => number> = new Map<string, (date: Date) => number>([
  ['year', (date) => date.getUTCFullYear()],
  ['quarter', (date) => Math.floor(date.getUTCMonth() / 3) + 1],
  ['month', (date) => date.getUTCMonth() + 1],
  ['week', (date) => Math.ceil(dayOfYear(thursdayOf(date)) / DAYS_A_WEEK)],
  ['week_year', (date) => thursdayOf(date).getUTCFullYear()],
  ['day', (date) => date.getUTCDate()],
  ['weekday', weekday],
  ['day_of_year', dayOfYear],
  ['hour', (date) => date.getUTCHours()],
  ['minute', (date) => date.getUTCMinutes()],
  ['second', (date) => date.getUTCSeconds()],
  ['millisecond', (date) => date.getUTCMilliseconds()],
]);

export function dayOfYear(date: Date): number {
  const first = new Date(0);
  // Not Date.UTC, which takes the years before 100 for those of the last century.
  return Math.floor((date.getTime() - first.setUTCFullYear(date.getUTCFullYear(), 0, 1)) / MS_PER_DAY) + 1;
}

function weekday(date: Date): number {
  return date.getUTCDay() || DAYS_A_WEEK;
}

/** The Thursday of its week, which is in the year that the week counts for. */
function thursdayOf(date: Date): Date {
  return new Date(date.getTime() + (THURSDAY - weekday(date)) * MS_PER_DAY);
}
