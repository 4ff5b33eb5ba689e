import type { Accumulator } from './accumulator.ts';
import { defineAggregate, NUMBER } from './aggregate-function.ts';
import { QuantileSketch } from './quantile-sketch.ts';

const MEDIAN = 0.5;

const sketches: Accumulator<QuantileSketch> = {
  form: 'quantiles',
  takes: 'numbers',
  create: () => new QuantileSketch(),
  add(state, _time, value) {
    if (typeof value !== 'number') return false;
    state.add(value);
    return true;
  },
  merge: (into, from) => into.merge(from),
  clone: (state) => state.clone(),
  encode: (state) => state.encode(),
  decode: (stored) => QuantileSketch.decode(stored),
};

export const quantileFunctions = [
  defineAggregate<QuantileSketch>({
    name: 'quantile',
    summary:
      'The number at the rank floor(q (n - 1)) of the numbers in ascending order, q between 0 and 1, with a relative error of at most 1% (2% where they spread over more than 2,048 buckets of that width, and so on).',
    parameters: [NUMBER, { name: 'q', type: 'number', constant: true }],
    returns: 'number',
    check: ([q = 0]) => (q >= 0 && q <= 1 ? undefined : `q is between 0 and 1, not ${q}: the 99th percentile is 0.99`),
    example: { text: 'quantile(x, 1)', over: [1, 2, 9], result: 9 },
    accumulator: () => sketches,
    result: (state, [q = MEDIAN]) => state.quantile(q),
  }),
  defineAggregate<QuantileSketch>({
    name: 'median',
    summary: 'The same as `quantile(value, 0.5)`; of an even number of values the lower of the two in the middle.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'median(x)', over: [3, 3, 3], result: 3 },
    accumulator: () => sketches,
    result: (state) => state.quantile(MEDIAN),
  }),
];
