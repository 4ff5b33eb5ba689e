import type { Accumulator } from './accumulator.ts';
import { defineAggregate, finite, NUMBER } from './aggregate-function.ts';
import { storedCount, storedFinite, storedList } from './stored.ts';

/** The true sum is `sum + rest`, but for the rounding of `rest`. */
interface Sum {
  count: number;
  sum: number;
  rest: number;
}

/**
 * Adds with Neumaier's compensation (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
 * 1974): what is rounded off goes into `rest`. So the result hardly depends on the order, or on where it was cut and merged;
 * whole numbers are exact up to 2^53.
 */
function addTo(state: Sum, value: number): void {
  const sum = state.sum + value;
  state.rest += Math.abs(state.sum) >= Math.abs(value) ? state.sum - sum + value : value - sum + state.sum;
  state.sum = sum;
}

const sums: Accumulator<Sum> = {
  form: 'sum',
  takes: 'numbers',
  create: () => ({ count: 0, sum: 0, rest: 0 }),
  add(state, _time, value) {
    if (typeof value !== 'number') return false;
    state.count += 1;
    addTo(state, value);
    return true;
  },
  merge(into, from) {
    into.count += from.count;
    addTo(into, from.sum);
    into.rest += from.rest;
  },
  clone: ({ count, sum, rest }) => ({ count, sum, rest }),
  encode: ({ count, sum, rest }) => [count, finite(sum) ?? null, finite(rest) ?? null],
  decode(stored) {
    const [count, sum, rest] = storedList(stored, 3);
    return { count: storedCount(count), sum: storedFinite(sum), rest: storedFinite(rest) };
  },
};

const totalOf = ({ sum, rest }: Sum): number => sum + rest;

export const sumFunctions = [
  defineAggregate<Sum>({
    name: 'sum',
    summary: 'The sum of the numbers; missing where there is none.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'sum(x)', over: [1, 2, 4], result: 7 },
    accumulator: () => sums,
    result: (state) => (state.count === 0 ? undefined : finite(totalOf(state))),
  }),
  defineAggregate<Sum>({
    name: 'avg',
    summary: 'The arithmetic mean of the numbers; missing where there is none.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'avg(x)', over: [1, 2, 6], result: 3 },
    accumulator: () => sums,
    result: (state) => (state.count === 0 ? undefined : finite(totalOf(state) / state.count)),
  }),
];
