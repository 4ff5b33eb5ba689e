import { MAX_LIST } from '../bounds.ts';
import { finite } from '../operators.ts';
import type { Argument, ExpressionFunction } from './definition.ts';
import { numbersOf, quantile, sum, variance } from './moments.ts';

const LIST = { name: 'list', type: 'array' } as const;
const VALUE = { name: 'value', type: 'number' } as const;

/**
 * Functions of several numbers. Those that are aggregates of windows too mean the same over a list as over records, but exactly: numbers only,
 * samples, ranks without interpolation. They take one list, and no values beside each other, so that `sum(avg(x))` is a mistake of types.
 */
export const statisticsFunctions: readonly ExpressionFunction[] = [
  {
    name: 'sum',
    summary: 'The sum of the numbers of the list; what is no number is left out. Missing where there is none.',
    parameters: [LIST],
    returns: 'number',
    example: { text: 'sum([0.1, 0.2, 0.3])', result: 0.6 },
    call: (list: Argument) => {
      const numbers = numbersOf(list);
      return numbers.length === 0 ? undefined : finite(sum(numbers));
    },
  },
  {
    name: 'avg',
    summary: 'The arithmetic mean of the numbers of the list; what is no number is left out. Missing where there is none.',
    parameters: [LIST],
    returns: 'number',
    example: { text: 'avg([1, 2, 6])', result: 3 },
    call: (list: Argument) => {
      const numbers = numbersOf(list);
      return finite(sum(numbers) / numbers.length);
    },
  },
  {
    name: 'median',
    summary:
      'The number in the middle of those of the list, of an even number of them the lower of the two; missing where there is none, or the list has more than 10,000 elements.',
    parameters: [LIST],
    returns: 'number',
    example: { text: 'median([9, 1, 5])', result: 5 },
    call: (list: Argument) => quantileOf(list, 0.5),
  },
  {
    name: 'quantile',
    summary:
      'The number at the rank floor(q (n - 1)) of those of the list in ascending order, q between 0 and 1; missing where there is none, or the list has more than 10,000 elements.',
    parameters: [LIST, { name: 'q', type: 'number' }],
    returns: 'number',
    example: { text: 'quantile([4, 1, 3, 2, 5], 0.75)', result: 4 },
    call: quantileOf,
    check: ([, q]) => (typeof q === 'number' && !isQuantile(q) ? `q is a number between 0 and 1, not ${q}` : undefined),
  },
  {
    name: 'variance',
    summary: 'The variance of a sample (divided by n - 1) of the numbers of the list; missing where there are fewer than two.',
    parameters: [LIST],
    returns: 'number',
    example: { text: 'variance([2, 4, 4, 4, 6])', result: 2 },
    call: varianceOf,
  },
  {
    name: 'stddev',
    summary:
      'The standard deviation of a sample (divided by n - 1) of the numbers of the list; missing where there are fewer than two.',
    parameters: [LIST],
    returns: 'number',
    example: { text: 'stddev([2, 4, 4, 4, 6])', result: Math.SQRT2 },
    call: (list: Argument) => {
      const square = varianceOf(list);
      return square === undefined ? undefined : Math.sqrt(square);
    },
  },
  {
    name: 'zscore',
    summary:
      'How many standard deviations the value is above the mean (below: negative); missing where the deviation is not above 0.',
    parameters: [VALUE, { name: 'mean', type: 'number' }, { name: 'stddev', type: 'number' }],
    returns: 'number',
    example: { text: 'zscore(130, 100, 15)', result: 2 },
    call: (value: Argument, mean: Argument, stddev: Argument) =>
      typeof value === 'number' && typeof mean === 'number' && typeof stddev === 'number' && stddev > 0
        ? finite((value - mean) / stddev)
        : undefined,
    check: ([, , stddev]) => (typeof stddev === 'number' && stddev <= 0 ? `stddev is above 0, not ${stddev}` : undefined),
  },
  {
    name: 'clamp',
    summary: 'The value, but at least low and at most high; missing where low is above high.',
    parameters: [VALUE, { name: 'low', type: 'number' }, { name: 'high', type: 'number' }],
    returns: 'number',
    example: { text: 'clamp(130, 0, 100)', result: 100 },
    call: (value: Argument, low: Argument, high: Argument) =>
      typeof value === 'number' && typeof low === 'number' && typeof high === 'number' && low <= high
        ? Math.min(Math.max(value, low), high)
        : undefined,
    check: ([, low, high]) =>
      typeof low === 'number' && typeof high === 'number' && low > high ? `low (${low}) is above high (${high})` : undefined,
  },
  {
    name: 'scale',
    summary:
      'The value moved from one range to another, in proportion: from_low becomes to_low and from_high becomes to_high, and what is outside stays outside (`clamp` it). Missing where the first range is empty.',
    parameters: [
      VALUE,
      { name: 'from_low', type: 'number' },
      { name: 'from_high', type: 'number' },
      { name: 'to_low', type: 'number' },
      { name: 'to_high', type: 'number' },
    ],
    returns: 'number',
    example: { text: 'scale(75, 50, 100, 0, 1)', result: 0.5 },
    call: scale,
    check: ([, low, high]) =>
      typeof low === 'number' && low === high ? `from_low and from_high are both ${low}: the range is empty` : undefined,
  },
];

function isQuantile(q: Argument): q is number {
  return typeof q === 'number' && q >= 0 && q <= 1;
}

function quantileOf(list: Argument, q: Argument): number | undefined {
  return Array.isArray(list) && list.length <= MAX_LIST && isQuantile(q) ? quantile(numbersOf(list), q) : undefined;
}

function varianceOf(list: Argument): number | undefined {
  const numbers = numbersOf(list);
  return numbers.length < 2 ? undefined : finite(variance(numbers));
}

function scale(value: Argument, fromLow: Argument, fromHigh: Argument, toLow: Argument, toHigh: Argument): number | undefined {
  if (typeof value !== 'number' || typeof fromLow !== 'number' || typeof fromHigh !== 'number') return undefined;
  if (typeof toLow !== 'number' || typeof toHigh !== 'number') return undefined;
  const share = (value - fromLow) / (fromHigh - fromLow);
  // Exact at both ends, where toLow + share * (toHigh - toLow) need not be.
  return finite(toLow * (1 - share) + toHigh * share);
}
