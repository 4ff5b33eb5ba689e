const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTHS_A_QUARTER = 3;
const MONTHS_A_YEAR = 12;

/** The first day of a week, as days since 1970 modulo 7: 1 January 1970 was a Thursday. */
const FIRST_DAY = { monday: 4, saturday: 2, sunday: 3 } as const;

export const WEEK_STARTS = ['monday', 'saturday', 'sunday'] as const;
export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;

export type WeekStart = (typeof WEEK_STARTS)[number];
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** Where the units of a calendar begin, in local time: ms since 1970 as if it were UTC. */
export interface UnitBorders {
  /** The beginning of the unit that holds `local`. */
  floor(local: number): number;
  /** The beginning of the unit `count` units after the one that begins at `border`. */
  plus(border: number, count: number): number;
}

export function bordersOf(unit: Exclude<CalendarUnit, 'hour'>, weekStart: WeekStart): UnitBorders {
  switch (unit) {
    case 'day':
      return spans(DAY_MS, 0);
    case 'week':
      return spans(7 * DAY_MS, FIRST_DAY[weekStart] * DAY_MS);
    case 'month':
      return months(1);
    case 'quarter':
      return months(MONTHS_A_QUARTER);
    case 'year':
      return months(MONTHS_A_YEAR);
  }
}

function spans(length: number, first: number): UnitBorders {
  return {
    floor: (local) => Math.floor((local - first) / length) * length + first,
    plus: (border, count) => border + count * length,
  };
}

function months(length: number): UnitBorders {
  const date = new Date(0);
  const monthOf = (local: number): number => {
    date.setTime(local);
    return date.getUTCFullYear() * MONTHS_A_YEAR + date.getUTCMonth();
  };
  const begin = (month: number): number => {
    date.setTime(0);
    return date.setUTCFullYear(Math.floor(month / MONTHS_A_YEAR), month - Math.floor(month / MONTHS_A_YEAR) * MONTHS_A_YEAR, 1);
  };
  return {
    floor: (local) => begin(Math.floor(monthOf(local) / length) * length),
    plus: (border, count) => begin(monthOf(border) + count * length),
  };
}
