import { listOf } from '../../sdk/types/index.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { Collected, MAX_COLLECTED } from './collected.ts';

const DEFAULT_N = 100;
const MAX_N = 1000;

const N = { name: 'n', type: 'number', constant: true, optional: true } as const;

function checkN([n = DEFAULT_N]: readonly number[]): string | undefined {
  return Number.isInteger(n) && n >= 1 && n <= MAX_N ? undefined : `n is a whole number from 1 to ${MAX_N}, not ${n}`;
}

function collecting(name: string, n: number, distinct: boolean): Accumulator<Collected> {
  return {
    form: `${name} ${n}`,
    takes: `values of at most ${MAX_COLLECTED} characters`,
    create: () => new Collected(n, distinct),
    add: (state, time, value) => state.add(time, value),
    merge: (into, from) => into.merge(from),
    clone: (state) => state.clone(),
    encode: (state) => state.encode(),
    decode: (stored) => new Collected(n, distinct).decode(stored),
  };
}

export const collectFunctions = [
  defineAggregate<Collected>({
    name: 'collect',
    summary: 'The first n (100, at most 1,000) values in the order of event time, as a list of at most 65,536 characters.',
    parameters: [VALUE, N],
    returns: 'array',
    yields: listOf,
    check: checkN,
    example: { text: 'collect(x, 2)', over: ['b', 'a', 'b'], result: ['b', 'a'] },
    accumulator: ([n = DEFAULT_N]) => collecting('collect', n, false),
    result: (state) => state.values,
  }),
  defineAggregate<Collected>({
    name: 'collect_distinct',
    summary:
      'The first n (100, at most 1,000) different values in the order of their earliest event time, as a list of at most 65,536 characters.',
    parameters: [VALUE, N],
    returns: 'array',
    yields: listOf,
    check: checkN,
    example: { text: 'collect_distinct(x)', over: ['b', 'a', 'b'], result: ['b', 'a'] },
    accumulator: ([n = DEFAULT_N]) => collecting('collect_distinct', n, true),
    result: (state) => state.values,
  }),
];
