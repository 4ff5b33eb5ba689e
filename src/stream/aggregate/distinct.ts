import { isShallow } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { type Key, keyFor, MAX_LEVELS, sizeOf, storedKey, textFor } from './kept.ts';
import { storedList } from './stored.ts';

/** The different values while there are few; beyond, an estimate of how many there are. */
interface Distinct {
  keys: Set<Key> | undefined;
  /** The size of all keys. */
  size: number;
  sketch: HyperLogLog | undefined;
}

/** Up to where values are kept: as many different ones, and as many UTF-16 code units of them. */
interface Bounds {
  readonly values: number;
  readonly size: number;
}

/**
 * Counts exactly within the bounds and estimates beyond. Which of the two depends on the set of values alone, so that neither
 * the order nor the way they are merged makes a difference.
 */
class DistinctCounter implements Accumulator<Distinct> {
  readonly form: string;
  readonly takes = `values nested at most ${MAX_LEVELS} levels deep`;
  readonly #bounds: Bounds;

  constructor(form: string, bounds: Bounds) {
    this.form = form;
    this.#bounds = bounds;
  }

  create(): Distinct {
    return { keys: new Set(), size: 0, sketch: undefined };
  }

  add(state: Distinct, _time: number, value: JsonValue): boolean {
    if (!isShallow(value, MAX_LEVELS)) return false;
    this.#addKey(state, keyFor(value));
    return true;
  }

  #addKey(state: Distinct, key: Key): void {
    const { keys } = state;
    if (keys === undefined) {
      state.sketch?.add(textFor(key));
      return;
    }
    if (keys.has(key)) return;
    keys.add(key);
    state.size += sizeOf(key);
    if (keys.size > this.#bounds.values || state.size > this.#bounds.size) estimateFrom(state, keys);
  }

  merge(into: Distinct, from: Distinct): void {
    if (from.keys !== undefined) {
      for (const key of from.keys) this.#addKey(into, key);
      return;
    }
    if (into.keys !== undefined) estimateFrom(into, into.keys);
    into.sketch?.merge(from.sketch as HyperLogLog);
  }

  clone({ keys, size, sketch }: Distinct): Distinct {
    return { keys: keys && new Set(keys), size, sketch: sketch?.clone() };
  }

  encode({ keys, sketch }: Distinct): JsonValue {
    return keys === undefined ? (sketch as HyperLogLog).encode() : [...keys];
  }

  decode(stored: JsonValue): Distinct {
    if (typeof stored === 'string') return { keys: undefined, size: 0, sketch: HyperLogLog.decode(stored) };
    const keys = new Set(storedList(stored).map(storedKey));
    return { keys, size: [...keys].reduce((sum: number, key) => sum + sizeOf(key), 0), sketch: undefined };
  }
}

function estimateFrom(state: Distinct, keys: ReadonlySet<Key>): void {
  const sketch = new HyperLogLog();
  for (const key of keys) sketch.add(textFor(key));
  state.keys = undefined;
  state.size = 0;
  state.sketch = sketch;
}

const exact = new DistinctCounter('distinct', { values: 10_000, size: 262_144 });
const estimated = new DistinctCounter('approx_distinct', { values: 128, size: 4096 });

const numberOf = ({ keys, sketch }: Distinct): number => keys?.size ?? (sketch as HyperLogLog).estimate();

export const distinctFunctions = [
  defineAggregate<Distinct>({
    name: 'distinct',
    summary:
      'The number of different values: exact up to 10,000 of them (or 262,144 characters in all), beyond that estimated as by `approx_distinct`.',
    parameters: [VALUE],
    returns: 'number',
    always: true,
    example: { text: 'distinct(x)', over: ['a', 'b', 'a'], result: 2 },
    accumulator: () => exact,
    result: numberOf,
  }),
  defineAggregate<Distinct>({
    name: 'approx_distinct',
    summary:
      'The number of different values, estimated in at most 4 KiB with a standard error of 1.6% (HyperLogLog); exact up to 128 of them (or 4,096 characters in all).',
    parameters: [VALUE],
    returns: 'number',
    always: true,
    example: { text: 'approx_distinct(x)', over: ['a', 'b', 'a'], result: 2 },
    accumulator: () => estimated,
    result: numberOf,
  }),
];
