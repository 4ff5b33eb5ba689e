import { Random } from '../../support/random.ts';
import type { Event } from './events.ts';

/** What random events are like. All times in ms. */
export interface StreamShape {
  readonly seed: number;
  /** How many events each partition has. One of 0 is an empty partition. */
  readonly counts: readonly number[];
  readonly keys: number;
  /** Where the first partition begins. May be below 0. */
  readonly begin: number;
  /** By how much each partition is ahead of the one before it. */
  readonly skew: number;
  /** The size of the windows that these events are for: steps, gaps and edges are of its order. */
  readonly size: number;
  readonly wait: number;
  /** What part of the events is out of order, but within `wait`. */
  readonly disordered: number;
  /** What part is later than `wait`. */
  readonly late: number;
  /** Whether times stand on the edges of windows, and right beside them, more often than chance would have it. */
  readonly edges: boolean;
}

/** Random events, by partition, in the order in which they arrive. */
export function randomEvents(shape: StreamShape): Event[][] {
  const random = new Random(shape.seed);
  return shape.counts.map((count, partition) => {
    let newest = shape.begin + partition * shape.skew;
    return Array.from({ length: count }, (_, arrival) => {
      const time = timeOf(shape, random, newest);
      newest = Math.max(newest, time);
      const key = `k${Math.floor(shape.keys * random.next() ** 3)}`;
      return { time, key, value: random.below(101) - 50, arrival };
    });
  });
}

function timeOf({ size, wait, disordered, late, edges }: StreamShape, random: Random, newest: number): number {
  const kind = random.next();
  if (kind < late) return newest - wait - 1 - random.below(random.of([3, size, 4 * size]));
  if (kind < late + disordered && wait > 0) return newest - random.below(wait + 1);
  const step = random.next();
  // Many at once, then a long silence, and now and then the usual.
  const ahead = step < 0.35 ? 0 : step < 0.95 ? random.below(Math.ceil(size / 4)) : size * (1 + random.below(6));
  const time = newest + ahead;
  if (!edges || !random.chance(0.3)) return time;
  const edge = Math.ceil(time / (size / 2)) * (size / 2);
  return Math.max(newest, edge + random.below(3) - 1);
}
