import type { JsonValue } from '../../record/json.ts';
import type { RecordType } from '../../sdk/types/index.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { MAX_KEPT } from './kept.ts';
import { isAbove, isBelow, isOrdered, type Ordered, type Prefers } from './order.ts';

interface Extreme {
  value: Ordered | undefined;
}

function extremeOf(form: string, prefers: Prefers): Accumulator<Extreme> {
  return {
    form,
    takes: `numbers, and texts of at most ${MAX_KEPT} characters`,
    create: () => ({ value: undefined }),
    add(state, _time, value) {
      if (typeof value !== 'number' && (typeof value !== 'string' || value.length > MAX_KEPT)) return false;
      if (state.value === undefined || prefers(value, state.value)) state.value = value;
      return true;
    },
    merge(into, { value }) {
      if (value !== undefined && (into.value === undefined || prefers(value, into.value))) into.value = value;
    },
    clone: ({ value }) => ({ value }),
    encode: ({ value }) => value ?? null,
    decode: (stored) => ({ value: storedExtreme(stored) }),
  };
}

function storedExtreme(stored: JsonValue): Ordered | undefined {
  if (stored === null || isOrdered(stored)) return stored ?? undefined;
  throw new Error(`stored aggregates: expected a number or text, found ${JSON.stringify(stored).slice(0, 100)}`);
}

/** Only numbers and texts are compared. */
function orderedOf({ string, number }: RecordType): RecordType {
  return { ...(string === undefined ? {} : { string }), ...(number === undefined ? {} : { number }) };
}

const least = extremeOf('min', isBelow);
const greatest = extremeOf('max', isAbove);

export const extremeFunctions = [
  defineAggregate<Extreme>({
    name: 'min',
    summary: 'The least number; where there is none, the least text by its UTF-16 code units.',
    parameters: [VALUE],
    returns: 'any',
    yields: orderedOf,
    example: { text: 'min(x)', over: [3, 1, 2], result: 1 },
    accumulator: () => least,
    result: ({ value }) => value,
  }),
  defineAggregate<Extreme>({
    name: 'max',
    summary: 'The greatest number; where there is none, the greatest text by its UTF-16 code units.',
    parameters: [VALUE],
    returns: 'any',
    yields: orderedOf,
    example: { text: 'max(x)', over: ['b', 'c', 'a'], result: 'c' },
    accumulator: () => greatest,
    result: ({ value }) => value,
  }),
];
