import type { Accumulator } from './accumulator.ts';
import { defineAggregate, finite, NUMBER } from './aggregate-function.ts';
import { storedCount, storedFinite, storedList } from './stored.ts';

interface Moments {
  count: number;
  mean: number;
  /** The sum of the squares of the distances from the mean. */
  squares: number;
}

/**
 * Welford's algorithm (1962) for single values and that of Chan, Golub and LeVeque (1979) for merging: neither subtracts large
 * numbers that are nearly equal, as the textbook formula does. The last digits may depend on the order.
 */
const moments: Accumulator<Moments> = {
  form: 'moments',
  takes: 'numbers',
  create: () => ({ count: 0, mean: 0, squares: 0 }),
  add(state, _time, value) {
    if (typeof value !== 'number') return false;
    state.count += 1;
    const distance = value - state.mean;
    state.mean += distance / state.count;
    state.squares += distance * (value - state.mean);
    return true;
  },
  merge(into, from) {
    if (from.count === 0) return;
    const count = into.count + from.count;
    const distance = from.mean - into.mean;
    into.mean += distance * (from.count / count);
    into.squares += from.squares + distance * distance * into.count * (from.count / count);
    into.count = count;
  },
  clone: ({ count, mean, squares }) => ({ count, mean, squares }),
  encode: ({ count, mean, squares }) => [count, finite(mean) ?? null, finite(squares) ?? null],
  decode(stored) {
    const [count, mean, squares] = storedList(stored, 3);
    return { count: storedCount(count), mean: storedFinite(mean), squares: storedFinite(squares) };
  },
};

/** Of a sample: divided by one less than there are. */
function varianceOf({ count, squares }: Moments): number | undefined {
  return count < 2 ? undefined : finite(squares / (count - 1));
}

export const momentFunctions = [
  defineAggregate<Moments>({
    name: 'stddev',
    summary: 'The standard deviation of a sample (divided by n - 1) of the numbers; missing where there are fewer than two.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'stddev(x)', over: [2, 4, 4, 4, 6], result: Math.SQRT2 },
    accumulator: () => moments,
    result(state) {
      const variance = varianceOf(state);
      return variance === undefined ? undefined : Math.sqrt(variance);
    },
  }),
  defineAggregate<Moments>({
    name: 'variance',
    summary: 'The variance of a sample (divided by n - 1) of the numbers; missing where there are fewer than two.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'variance(x)', over: [2, 4, 4, 4, 6], result: 2 },
    accumulator: () => moments,
    result: varianceOf,
  }),
];
