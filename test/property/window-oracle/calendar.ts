/** The units of calendar windows. */
export type CalendarUnit = 'day' | 'week' | 'month';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();
const found = new Map<string, { start: number; end: number }>();

/** The day of the wall calendar in `zone` at an instant, as a number of days since 1970. */
function localDay(zone: string, time: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      era: 'short',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day'])) / DAY;
}

/** A name of the period that an instant is in. Weeks begin on Monday (1970-01-05 was one). */
function periodOf(unit: CalendarUnit, zone: string, time: number): number {
  const day = localDay(zone, time);
  if (unit === 'day') return day;
  if (unit === 'week') return Math.floor((day - 4) / 7);
  const date = new Date(day * DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The period of the wall calendar that holds an instant, found by walking from it until the calendar shows another. */
export function calendarWindow(unit: CalendarUnit, zone: string, time: number): { start: number; end: number } {
  const minute = Math.floor(time / MINUTE) * MINUTE;
  const known = [...found].find(([at, { start, end }]) => at.startsWith(`${unit} ${zone} `) && start <= time && time < end);
  if (known !== undefined) return known[1];
  const period = periodOf(unit, zone, time);
  const start = walk(minute, (at) => periodOf(unit, zone, at) === period, -1);
  const end = walk(minute, (at) => periodOf(unit, zone, at) === period, 1) + MINUTE;
  found.set(`${unit} ${zone} ${start}`, { start, end });
  return { start, end };
}

/** The last minute in one direction, hour by hour and then minute by minute, of which `holds` is true. */
function walk(from: number, holds: (at: number) => boolean, direction: 1 | -1): number {
  let at = from;
  while (holds(at + direction * HOUR)) at += direction * HOUR;
  while (holds(at + direction * MINUTE)) at += direction * MINUTE;
  return at;
}
