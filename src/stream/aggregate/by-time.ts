import { copyOf } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { KEEPS, MAX_KEPT, sizeOf } from './kept.ts';
import { storedList, storedNumber, storedValue } from './stored.ts';

/** The value of one record, with its event time; none yet where the value is undefined. */
interface Timed {
  time: number;
  value: JsonValue | undefined;
}

/** `prefers`: whether a record of the time `a` takes the place of one of the time `b` that came before it. */
function byTime(form: string, prefers: (a: number, b: number) => boolean): Accumulator<Timed> {
  return {
    form,
    takes: KEEPS,
    create: () => ({ time: 0, value: undefined }),
    add(state, time, value) {
      if (sizeOf(value) > MAX_KEPT) return false;
      if (state.value === undefined || prefers(time, state.time)) {
        state.time = time;
        state.value = copyOf(value);
      }
      return true;
    },
    merge(into, { time, value }) {
      if (value === undefined || (into.value !== undefined && !prefers(time, into.time))) return;
      into.time = time;
      into.value = value;
    },
    clone: ({ time, value }) => ({ time, value }),
    encode: ({ time, value }) => (value === undefined ? [] : [time, value]),
    decode(stored) {
      if (storedList(stored).length === 0) return { time: 0, value: undefined };
      const [time, value] = storedList(stored, 2);
      return { time: storedNumber(time), value: storedValue(value) };
    },
  };
}

const earliest = byTime('first', (a, b) => a < b);
const latest = byTime('last', (a, b) => a >= b);

export const timeFunctions = [
  defineAggregate<Timed>({
    name: 'first',
    summary: 'The value of the earliest record by event time; of several at the same time, that which arrived first.',
    parameters: [VALUE],
    returns: 'any',
    yields: (value) => value,
    example: { text: 'first(x)', over: ['a', 'b', 'c'], result: 'a' },
    accumulator: () => earliest,
    result: ({ value }) => value,
  }),
  defineAggregate<Timed>({
    name: 'last',
    summary: 'The value of the latest record by event time; of several at the same time, that which arrived last.',
    parameters: [VALUE],
    returns: 'any',
    yields: (value) => value,
    example: { text: 'last(x)', over: ['a', 'b', 'c'], result: 'c' },
    accumulator: () => latest,
    result: ({ value }) => value,
  }),
];
