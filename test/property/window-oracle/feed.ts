import type { JsonObject } from '../../../src/record/json.ts';
import { NO_WATERMARK } from '../../../src/sdk/operator.ts';
import type { Event } from './events.ts';
import { judge } from './events.ts';
import { Random } from './random.ts';

/** What an operator's partition of input is made of. */
export type Entry = RecordEntry | Marker;

export interface RecordEntry {
  readonly kind: 'record';
  readonly key: string | null;
  readonly value: JsonObject;
  readonly time: number;
  /** The watermark of its own partition before it. */
  readonly watermark: number;
}

/** What an upstream partition says at the end of each of its micro-batches. */
export interface Marker {
  readonly kind: 'marker';
  readonly from: number;
  readonly watermark: number;
}

/** How far event time has come, by what has been read. */
export interface FeedClock {
  take(entry: Entry): void;
  readonly watermark: number;
  save(): unknown;
  load(saved: unknown): void;
}

/** The clock of an input that is read as it stands in its topic: every record moves it. */
export class OwnClock implements FeedClock {
  readonly #wait: number;
  #newest = NO_WATERMARK;

  constructor(wait: number) {
    this.#wait = wait;
  }

  take(entry: Entry): void {
    if (entry.kind === 'record') this.#newest = Math.max(this.#newest, entry.time);
  }

  get watermark(): number {
    return this.#newest - this.#wait - 1;
  }

  save(): unknown {
    return this.#newest;
  }

  load(saved: unknown): void {
    this.#newest = saved as number;
  }
}

/** The clock behind a repartition: markers move it, to the minimum of what each upstream partition said last. */
export class MarkerClock implements FeedClock {
  #last: number[];

  constructor(upstreams: number) {
    this.#last = Array.from({ length: upstreams }, () => NO_WATERMARK);
  }

  take(entry: Entry): void {
    if (entry.kind === 'marker') this.#last[entry.from] = entry.watermark;
  }

  get watermark(): number {
    return Math.min(...this.#last);
  }

  save(): unknown {
    return [...this.#last];
  }

  load(saved: unknown): void {
    this.#last = [...(saved as number[])];
  }
}

export const recordValue = ({ key, value, time, arrival }: Event): JsonObject => ({ k: key, v: value, t: time, n: arrival });

/** A partition as it stands in its topic. */
export function ownFeed(events: readonly Event[], wait: number): RecordEntry[] {
  return judge(events, wait).map((event) => ({
    kind: 'record',
    key: event.key,
    value: recordValue(event),
    time: event.time,
    watermark: event.watermark,
  }));
}

export interface Shuffle {
  readonly seed: number;
  readonly downstreams: number;
  /** The largest micro-batch of an upstream partition. */
  readonly batch: number;
}

/**
 * What a repartition's partitions hold: each upstream partition's micro-batches in their order, each ended by a marker in every
 * downstream partition, and those of different upstream partitions between each other at random.
 */
export function shuffled(partitions: readonly (readonly Event[])[], wait: number, shuffle: Shuffle): Entry[][] {
  const random = new Random(shuffle.seed);
  const sent = partitions.map((events, from) => upstream(ownFeed(events, wait), { ...shuffle, from, wait, random }));
  return Array.from({ length: shuffle.downstreams }, (_, partition) =>
    interleave(
      sent.map((entries) => entries.filter(({ to }) => to === undefined || to === partition).map(({ entry }) => entry)),
      random,
    ),
  );
}

/** What one upstream partition sends: records each to one downstream partition, markers to all. */
function upstream(
  records: readonly RecordEntry[],
  { from, wait, random, batch, downstreams }: Shuffle & { from: number; wait: number; random: Random },
): { entry: Entry; to?: number }[] {
  const sent: { entry: Entry; to?: number }[] = [];
  const clock = new OwnClock(wait);
  for (let at = 0; at < records.length; ) {
    const taken = records.slice(at, at + 1 + random.below(batch));
    at += taken.length;
    for (const entry of taken) {
      clock.take(entry);
      sent.push({ entry, to: partitionOf(entry.key ?? '', downstreams) });
    }
    sent.push({ entry: { kind: 'marker', from, watermark: clock.watermark } });
  }
  return sent;
}

/** Where a key goes: any rule will do. */
export function partitionOf(key: string, partitions: number): number {
  return [...key].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 65_521, 7) % partitions;
}

/** The sequences between each other, each in its own order, now in long runs and now by turns. */
export function interleave<T>(sequences: readonly (readonly T[])[], random: Random): T[] {
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
