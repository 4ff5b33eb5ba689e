import type { JsonValue } from '../../record/json.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { storedCount } from './stored.ts';

interface Count {
  count: number;
}

const counter = {
  create: (): Count => ({ count: 0 }),
  merge(into: Count, from: Count): void {
    into.count += from.count;
  },
  clone: ({ count }: Count): Count => ({ count }),
  encode: ({ count }: Count): JsonValue => count,
  decode: (stored: JsonValue): Count => ({ count: storedCount(stored) }),
};

const all: Accumulator<Count> = {
  ...counter,
  form: 'count',
  takes: 'anything',
  add(state) {
    state.count += 1;
    return true;
  },
};

const whereTrue: Accumulator<Count> = {
  ...counter,
  form: 'count_if',
  takes: 'true and false',
  add(state, _time, condition) {
    if (condition === true) state.count += 1;
    return typeof condition === 'boolean';
  },
};

export const countFunctions = [
  defineAggregate<Count>({
    name: 'count',
    summary: 'The number of records; with a value, of those in which it is neither missing nor null.',
    parameters: [{ ...VALUE, optional: true }],
    returns: 'number',
    always: true,
    example: { text: 'count(x)', over: [5, null, 7], result: 2 },
    accumulator: () => all,
    result: ({ count }) => count,
  }),
  defineAggregate<Count>({
    name: 'count_if',
    summary: 'The number of records for which the condition is true.',
    parameters: [{ name: 'condition', type: 'boolean' }],
    returns: 'number',
    always: true,
    example: { text: 'count_if(x >= 500)', over: [200, 503, 500], result: 2 },
    accumulator: () => whereTrue,
    result: ({ count }) => count,
  }),
];
