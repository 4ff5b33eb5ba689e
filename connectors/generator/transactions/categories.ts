/** How a customer pays. */
export type Channel = 'pos' | 'online' | 'atm';

/** Bits of what is special about a day: see {@link seasonOf} in calendar.ts. */
export const WEEKEND = 1;
export const MONTH_END = 2;
export const DECEMBER = 4;
const SEASONS = 8;

/** Hours of the day that are alike: night, morning, midday, afternoon, evening. */
const BANDS = 5;
const MIDDAY = 11;
const AFTERNOON = 14;
const EVENING = 18;
const NIGHT = 23;
const MORNING = 6;

export interface Category {
  readonly name: string;
  /** The median of its amounts, in euros, for a customer of average means. */
  readonly median: number;
  /** Its part in all transactions, in percent. */
  readonly weight: number;
  /** Which part of it is bought online. */
  readonly online: number;
  /** How its part changes by night, morning, midday, afternoon and evening. */
  readonly bands: readonly [number, number, number, number, number];
  readonly weekend: number;
  readonly monthEnd: number;
  readonly december: number;
}

type Row = readonly [string, number, number, number, Category['bands'], number, number, number];

/** Name, median, weight, part online; by band; at weekends, at month ends, in December. */
const ROWS: readonly Row[] = [
  ['grocery', 32, 27, 0, [0.1, 0.8, 0.9, 1.2, 1.2], 1.1, 1.25, 1.1],
  ['fuel', 48, 10, 0, [0.6, 1.4, 0.8, 1, 1], 0.9, 1.1, 0.9],
  ['restaurant', 22, 16, 0, [0.5, 0.5, 1.5, 0.6, 1.6], 1.5, 0.9, 1.1],
  ['pharmacy', 17, 6, 0, [0.2, 1.2, 1, 1.1, 0.7], 0.6, 1, 1.2],
  ['clothing', 52, 6, 0.35, [0.2, 0.6, 1, 1.4, 0.9], 1.5, 0.9, 1.6],
  ['electronics', 95, 3, 0.4, [0.3, 0.6, 1, 1.3, 1], 1.2, 0.8, 2],
  ['entertainment', 25, 5, 0.2, [0.8, 0.2, 0.6, 1, 2], 1.8, 0.8, 1.2],
  ['travel', 105, 3, 0.6, [0.5, 1.3, 1, 1, 0.9], 0.9, 0.9, 1.1],
  ['cash', 75, 7, 0, [0.5, 1, 1.2, 1.1, 0.8], 1, 1.6, 1.2],
  ['online', 38, 12, 1, [1.8, 0.7, 0.9, 0.9, 1.5], 1.1, 0.9, 1.7],
  ['digital', 12, 5, 1, [2.2, 0.6, 0.7, 0.8, 1.6], 1.1, 1.2, 1.1],
];

export const CATEGORIES: readonly Category[] = ROWS.map(([name, median, weight, online, bands, weekend, monthEnd, december]) => ({
  name,
  median,
  weight,
  online,
  bands,
  weekend,
  monthEnd,
  december,
}));

const numberOf = (wanted: string): number => CATEGORIES.findIndex(({ name }) => name === wanted);
export const GROCERY: number = numberOf('grocery');
export const ELECTRONICS: number = numberOf('electronics');
export const CASH: number = numberOf('cash');
export const ONLINE: number = numberOf('online');
export const DIGITAL: number = numberOf('digital');

const TABLES: readonly Float64Array[] = Array.from({ length: BANDS * SEASONS }, (_, table) =>
  cumulative((category) => seasonal(category, Math.floor(table / SEASONS), table % SEASONS)),
);
const ONLINE_TABLE = cumulative(({ weight, online }) => weight * online);

/** Which category is bought, at an hour of the day and in a season; `unit` is a number in [0, 1). */
export function categoryFor(hour: number, season: number, unit: number): number {
  return within(TABLES[bandOf(hour) * SEASONS + season] as Float64Array, unit);
}

/** Which category is bought by one who is on the way, and so online. */
export function categoryOnTheWay(unit: number): number {
  return within(ONLINE_TABLE, unit);
}

function bandOf(hour: number): number {
  if (hour < MORNING || hour >= NIGHT) return 0;
  if (hour < MIDDAY) return 1;
  if (hour < AFTERNOON) return 2;
  return hour < EVENING ? 3 : 4;
}

function seasonal({ weight, bands, weekend, monthEnd, december }: Category, band: number, season: number): number {
  const day = (season & WEEKEND ? weekend : 1) * (season & MONTH_END ? monthEnd : 1) * (season & DECEMBER ? december : 1);
  return weight * (bands[band] as number) * day;
}

/** The sums of weights up to each category, the last being 1. */
function cumulative(weightOf: (category: Category) => number): Float64Array {
  const sums = new Float64Array(CATEGORIES.length);
  let sum = 0;
  CATEGORIES.forEach((category, i) => {
    sum += weightOf(category);
    sums[i] = sum;
  });
  return sums.map((value) => value / sum);
}

function within(sums: Float64Array, unit: number): number {
  let category = 0;
  while (category < sums.length - 1 && unit >= (sums[category] as number)) category += 1;
  return category;
}
