import type { JsonObject } from '../../../src/record/json.ts';
import type { WindowCounters } from '../../../src/sdk/operator.ts';
import type { Marker } from '../../../src/stream/time/merged-clock.ts';
import { Random } from '../../support/random.ts';
import type { Event } from './events.ts';

/** What an operator's partition of input is made of. */
export type Entry = RecordEntry | { readonly kind: 'marker'; readonly marker: Marker };

export interface RecordEntry {
  readonly kind: 'record';
  readonly key: string | null;
  readonly value: JsonObject;
  readonly time: number;
  /** What a repartition brings along: the watermark of its own partition before it. Absent where it stands in its own partition. */
  readonly watermark?: number;
}

/** The input topic of what runs here, and the one that repartitions read. */
export const INPUT = 'in';
export const UPSTREAM = 'up';

export const noPairs = (): WindowCounters => ({
  pairs: 0,
  assigned: 0,
  lateKept: 0,
  lateRouted: 0,
  lateDropped: 0,
  gapDropped: 0,
});

/** A partition as it stands in its topic. */
export function ownFeed(events: readonly Event[]): RecordEntry[] {
  return events.map(({ key, value, time, arrival }) => ({
    kind: 'record',
    key,
    value: { k: key, v: value, t: time, n: arrival },
    time,
  }));
}

export interface Shuffle {
  readonly seed: number;
  readonly downstreams: number;
  /** The largest micro-batch of an upstream partition. */
  readonly batch: number;
  /** Whether an empty upstream partition has been found idle, so that it holds nothing back. */
  readonly silent: boolean;
}

/** What one upstream partition sends: records each to one downstream partition, markers to all. */
export interface Sent {
  readonly entry: Entry;
  readonly to?: number;
}

/**
 * What a repartition's partitions hold: each upstream partition's micro-batches in their order, each followed by a marker in every
 * downstream partition, and those of different upstream partitions between each other at random.
 */
export function shuffled(sent: readonly (readonly Sent[])[], downstreams: number, seed: number): Entry[][] {
  const random = new Random(seed);
  return Array.from({ length: downstreams }, (_, partition) =>
    interleave(
      sent.map((entries) => entries.filter(({ to }) => to === undefined || to === partition).map(({ entry }) => entry)),
      random,
    ),
  );
}

/** The sequences between each other, each in its own order, now in long runs and now by turns. */
function interleave<T>(sequences: readonly (readonly T[])[], random: Random): T[] {
  const rest = sequences.map((sequence) => [...sequence]).filter(({ length }) => length > 0);
  const mixed: T[] = [];
  while (rest.length > 0) {
    const at = random.below(rest.length);
    const sequence = rest[at] as T[];
    mixed.push(...sequence.splice(0, 1 + random.below(random.of([1, 3, 40]))));
    if (sequence.length === 0) rest.splice(at, 1);
  }
  return mixed;
}
