import { copyOf } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { KEEPS, MAX_KEPT, sizeOf } from './kept.ts';
import { isAbove, isBelow, isOrdered, type Ordered, type Prefers } from './order.ts';
import { storedList, storedValue } from './stored.ts';

/** The value of one record, with what it is chosen by; none yet where the value is undefined. */
interface Chosen {
  order: Ordered;
  value: JsonValue | undefined;
}

/** A record takes the place of one before it only where it is preferred, so that the first arrived of equal ones stays. */
function byOrder(form: string, prefers: Prefers): Accumulator<Chosen> {
  return {
    form,
    takes: `${KEEPS} by a number or text`,
    create: () => ({ order: 0, value: undefined }),
    add(state, _time, value, order) {
      if (!isOrdered(order) || sizeOf(order) > MAX_KEPT || sizeOf(value) > MAX_KEPT) return false;
      if (state.value === undefined || prefers(order, state.order)) {
        state.order = order;
        state.value = copyOf(value);
      }
      return true;
    },
    merge(into, { order, value }) {
      if (value === undefined || (into.value !== undefined && !prefers(order, into.order))) return;
      into.order = order;
      into.value = value;
    },
    clone: ({ order, value }) => ({ order, value }),
    encode: ({ order, value }) => (value === undefined ? [] : [order, value]),
    decode(stored) {
      if (storedList(stored).length === 0) return { order: 0, value: undefined };
      const [order, value] = storedList(stored, 2);
      const known = storedValue(order);
      if (!isOrdered(known)) throw new Error('stored aggregates: expected a number or text to order by');
      return { order: known, value: storedValue(value) };
    },
  };
}

const atLeast = byOrder('min_by', isBelow);
const atGreatest = byOrder('max_by', isAbove);

const ORDER = { name: 'order', type: 'any' } as const;

export const orderFunctions = [
  defineAggregate<Chosen>({
    name: 'min_by',
    summary: 'The value of the record in which the order is least, as for `min`; of several, that which arrived first.',
    parameters: [VALUE, ORDER],
    returns: 'any',
    yields: (value) => value,
    example: {
      text: 'min_by(x, y)',
      over: [
        ['a', 3],
        ['b', 1],
        ['c', 2],
      ],
      result: 'b',
    },
    accumulator: () => atLeast,
    result: ({ value }) => value,
  }),
  defineAggregate<Chosen>({
    name: 'max_by',
    summary: 'The value of the record in which the order is greatest, as for `max`; of several, that which arrived first.',
    parameters: [VALUE, ORDER],
    returns: 'any',
    yields: (value) => value,
    example: {
      text: 'max_by(x, y)',
      over: [
        ['a', 3],
        ['b', 1],
        ['c', 2],
      ],
      result: 'a',
    },
    accumulator: () => atGreatest,
    result: ({ value }) => value,
  }),
];
