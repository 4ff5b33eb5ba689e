/** Days of each month in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The month (0 to 11) whose English name's first three letters stand at `at`, in any case, or -1. */
export function monthAt(text: string, at: number): number {
  return MONTHS.indexOf(text.slice(at, at + 3).toLowerCase());
}

/** A date and a time of day without a zone. `month` is 0 to 11; `second` may be 60, a leap second. */
export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

/** Whether the calendar has this date, and the clock this time. */
export function isValid(time: LocalTime): boolean {
  const { year, month, day } = time;
  if (!(year >= 100 && year <= 9999 && month >= 0 && month <= 11 && day >= 1 && day <= (DAYS[month] as number))) return false;
  if (month === 1 && day === 29 && !isLeapYear(year)) return false;
  return time.hour <= 23 && time.minute <= 59 && time.second <= 60;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The time as ms since 1970, as if it were UTC; NaN where there is no such time. A leap second is the next second. */
export function asUtc(time: LocalTime): number {
  if (!isValid(time)) return Number.NaN;
  return Date.UTC(time.year, time.month, time.day, time.hour, time.minute, time.second, time.millisecond);
}

/** The number that `count` digits at `at` are, or NaN where one of them is none. */
export function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
