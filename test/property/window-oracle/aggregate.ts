import type { Event } from './events.ts';

/** What the naive computation finds over the events of one window. */
export interface Figures {
  readonly n: number;
  readonly sum: number;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  /** The value of the earliest event; of equal times, of the one that arrived first. */
  readonly first: number;
  /** The value of the latest event; of equal times, of the one that arrived last. */
  readonly last: number;
  readonly earliest: number;
  readonly latest: number;
  readonly distinct: number;
}

/** The fields of {@link Figures} as `compute` of a `window` step says them. */
export const COMPUTE = {
  n: 'count()',
  sum: 'sum(v)',
  avg: 'avg(v)',
  min: 'min(v)',
  max: 'max(v)',
  first: 'first(v)',
  last: 'last(v)',
  earliest: 'first(t)',
  latest: 'last(t)',
  distinct: 'distinct(v)',
} as const;

/** Those that depend on the order in which events of equal times arrive, which between partitions is none. */
export const BY_ARRIVAL: ReadonlySet<string> = new Set(['first', 'last']);

/** The figures of events, which are at least one. */
export function figuresOf(events: readonly Event[]): Figures {
  const values = events.map(({ value }) => value);
  const times = events.map(({ time }) => time);
  const inOrder = [...events].sort((a, b) => a.time - b.time || a.arrival - b.arrival);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    n: events.length,
    sum,
    avg: sum / events.length,
    min: Math.min(...values),
    max: Math.max(...values),
    first: (inOrder[0] as Event).value,
    last: (inOrder.at(-1) as Event).value,
    earliest: Math.min(...times),
    latest: Math.max(...times),
    distinct: new Set(values).size,
  };
}
