import { isShallow } from '../../record/copy.ts';
import { listOf, NUMBER, objectOf } from '../../sdk/types/index.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { type Key, keyFor, MAX_LEVELS, sizeOf, storedKey, textFor, valueFor } from './kept.ts';
import { storedCount, storedList } from './stored.ts';

/** UTF-16 code units of one value. */
const LONGEST = 4096;
/** Different values, and UTF-16 code units of all of them, beyond which the rare ones are given up ... */
const MAX_VALUES = 2000;
const MAX_SIZE = 131_072;
/** ... down to so many. */
const KEPT_VALUES = MAX_VALUES / 2;
const KEPT_SIZE = MAX_SIZE / 2;

const DEFAULT_N = 10;
const MAX_N = 100;

/** How often each value was seen, by its key, but for what was given up. */
interface Frequencies {
  counts: Map<Key, number>;
  /** The size of all keys. */
  size: number;
}

/**
 * The most frequent values: the summary of J. Misra and D. Gries (1982) as P. Agarwal and others merge it ("Mergeable Summaries",
 * 2012). Exact until values are given up; then a count is too low by at most n / 1001 for n values seen (more where values are long).
 */
const frequencies: Accumulator<Frequencies> = {
  form: 'frequencies',
  takes: `values of at most ${LONGEST} characters`,
  create: () => ({ counts: new Map(), size: 0 }),
  add(state, _time, value) {
    if (!isShallow(value, MAX_LEVELS)) return false;
    const key = keyFor(value);
    if (typeof key === 'string' && key.length > LONGEST) return false;
    addCount(state, key, 1);
    bound(state);
    return true;
  },
  merge(into, from) {
    for (const [key, count] of from.counts) addCount(into, key, count);
    bound(into);
  },
  clone: ({ counts, size }) => ({ counts: new Map(counts), size }),
  encode: ({ counts }) => [...counts].flat(),
  decode(stored) {
    const state: Frequencies = { counts: new Map(), size: 0 };
    const list = storedList(stored);
    for (let i = 0; i < list.length; i += 2) addCount(state, storedKey(list[i]), storedCount(list[i + 1]));
    return state;
  },
};

function addCount(state: Frequencies, key: Key, count: number): void {
  const before = state.counts.get(key);
  if (before === undefined) state.size += sizeOf(key);
  state.counts.set(key, (before ?? 0) + count);
}

/** Takes from all counts that of the most frequent value that there is no room for. */
function bound(state: Frequencies): void {
  if (state.counts.size <= MAX_VALUES && state.size <= MAX_SIZE) return;
  const falling = byFrequency(state);
  let room = 0;
  for (let size = 0; room < KEPT_VALUES; room += 1) {
    size += sizeOf((falling[room] as [Key, number])[0]);
    if (size > KEPT_SIZE) break;
  }
  const [, cut] = falling[room] as [Key, number];
  state.counts = new Map();
  state.size = 0;
  for (const [key, count] of falling) if (count > cut) addCount(state, key, count - cut);
}

/** The most frequent first; of equally frequent ones the lesser as a text. */
function byFrequency({ counts }: Frequencies): [Key, number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || compare(textFor(a), textFor(b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export const topFunctions = [
  defineAggregate<Frequencies>({
    name: 'top',
    summary:
      'The n (10, at most 100) most frequent values with their counts, as a list of `{ value, count }`; exact up to 2,000 different values (or 131,072 characters of them).',
    parameters: [VALUE, { name: 'n', type: 'number', constant: true, optional: true }],
    returns: 'array',
    yields: (value) => listOf(objectOf({ value, count: NUMBER })),
    check: ([n = DEFAULT_N]) =>
      Number.isInteger(n) && n >= 1 && n <= MAX_N ? undefined : `n is a whole number from 1 to ${MAX_N}, not ${n}`,
    example: { text: 'top(x, 1)', over: ['a', 'b', 'a'], result: [{ value: 'a', count: 2 }] },
    accumulator: () => frequencies,
    result: (state, [n = DEFAULT_N]) =>
      byFrequency(state)
        .slice(0, n)
        .map(([key, count]) => ({ value: valueFor(key), count })),
  }),
];
