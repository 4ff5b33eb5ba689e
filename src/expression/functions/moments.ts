import type { Argument } from './definition.ts';

/** The numbers of a list, none where it is no list. What is no number is left out. */
export function numbersOf(list: Argument): readonly number[] {
  return Array.isArray(list) ? list.filter((value) => typeof value === 'number') : [];
}

/** The sum, with what rounding loses added at the end (A. Neumaier, 1974); as the aggregate `sum`. */
export function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = total + number;
    lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total;
    total = next;
  }
  // Beyond the greatest number what was lost is NaN.
  return Number.isFinite(total) ? total + lost : total;
}

/** The variance of a sample (divided by n - 1): of differences from the mean, so that large numbers lose no digits. */
export function variance(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return sum(numbers.map((number) => (number - mean) * (number - mean))) / (numbers.length - 1);
}

/** The number at the rank floor(q (n - 1)) in ascending order. */
export function quantile(numbers: readonly number[], q: number): number | undefined {
  return Float64Array.from(numbers).sort()[Math.floor(q * (numbers.length - 1))];
}
