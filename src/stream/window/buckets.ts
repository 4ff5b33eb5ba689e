import type { JsonValue } from '../../record/json.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import type { Changelog } from '../../sdk/operator.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { Deadlines } from '../state/deadlines.ts';
import { Journal } from '../state/journal.ts';
import type { AlignedWindows } from './aligned-windows.ts';
import { copyOfEntry, decodeEntry, type Entry, encodeEntry, newEntry, revertEntry } from './entry.ts';
import type { ResultWindow } from './results.ts';

/** A window with its groups. Closing it or dropping it is one step, however many they are. */
export interface Bucket extends ResultWindow {
  readonly groups: Map<GroupId, Entry>;
  /** Some of its groups have been dropped before the others. */
  parted: boolean;
  /** Its results on time have been emitted; it is kept for late records. */
  closed: boolean;
  /** It is no part of the state any more. */
  dropped: boolean;
}

/** A group in a window. */
export interface Place {
  readonly bucket: Bucket;
  readonly group: GroupId;
  readonly entry: Entry;
}

type Change =
  | (Place & { readonly kind: 'entry' /** Undefined: there was none. */; readonly before: Entry | undefined })
  | { readonly kind: 'closed'; readonly bucket: Bucket }
  | { readonly kind: 'dropped'; readonly bucket: Bucket }
  | { readonly kind: 'parted'; readonly bucket: Bucket; readonly gone: ReadonlyMap<GroupId, Entry> };

interface BucketOptions {
  readonly windows: AlignedWindows;
  readonly aggregation: Aggregation;
  readonly groupBy: GroupBy;
  readonly keep: number;
}

/** The state of aligned windows: for each window that is open or kept, what its groups have gathered. */
export class Buckets {
  readonly #options: BucketOptions;
  readonly #buckets = new Map<number, Bucket>();
  readonly #journal = new Journal<Change>();
  readonly #due = new Deadlines<Bucket>();
  #last: Bucket | undefined;
  #size = 0;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** Groups in windows. */
  get size(): number {
    return this.#size;
  }

  /** How far event time has come. */
  get watermark(): number {
    return this.#journal.watermark;
  }

  set watermark(to: number) {
    this.#journal.watermark = to;
  }

  /** When the next window is to be closed or dropped; Infinity: none is. */
  get nextDue(): number {
    return this.#due.next;
  }

  /** Takes the window that is to be closed or dropped next. There must be one. */
  takeDue(): Bucket {
    return this.#due.take();
  }

  /** All windows, in the order of time. */
  inOrder(): Bucket[] {
    return [...this.#buckets.values()].toSorted((a, b) => a.start - b.start);
  }

  /** The entries that the micro-batch at work has changed and that are still there, each once, window by window in the order of time. */
  *changed(): Generator<Place> {
    const byBucket = new Map<Bucket, Place[]>();
    for (const change of this.#journal.current) {
      if (change.kind !== 'entry' || !holds(change)) continue;
      const places = byBucket.get(change.bucket);
      if (places === undefined) byBucket.set(change.bucket, [change]);
      else places.push(change);
    }
    for (const [, places] of [...byBucket].toSorted(([a], [b]) => a.start - b.start)) yield* places;
  }

  has(start: number, group: GroupId): boolean {
    return this.#buckets.get(start)?.groups.has(group) === true;
  }

  /** The window that starts at `start`, opened where there is none. */
  at(start: number): Bucket {
    const last = this.#last;
    if (last !== undefined && last.start === start) return last;
    const bucket = this.#buckets.get(start) ?? this.#open(start);
    this.#last = bucket;
    return bucket;
  }

  /** The group's entry, made where there is none, to be changed. */
  entryOf(bucket: Bucket, group: GroupId): Entry {
    const entry = bucket.groups.get(group);
    if (entry !== undefined) {
      this.touch(bucket, group, entry);
      return entry;
    }
    const made = newEntry(this.#options.aggregation, this.#journal.epoch);
    bucket.groups.set(group, made);
    this.#size += 1;
    this.#journal.note({ kind: 'entry', bucket, group, entry: made, before: undefined });
    return made;
  }

  /** To be called before an entry is changed. */
  touch(bucket: Bucket, group: GroupId, entry: Entry): void {
    if (entry.epoch === this.#journal.epoch) return;
    this.#journal.note({ kind: 'entry', bucket, group, entry, before: copyOfEntry(this.#options.aggregation, entry) });
    entry.epoch = this.#journal.epoch;
  }

  /** Its results are emitted: it stays for late records. */
  close(bucket: Bucket): void {
    this.#journal.note({ kind: 'closed', bucket });
    bucket.closed = true;
    this.#due.add(bucket.time + this.#options.keep, bucket);
  }

  drop(bucket: Bucket): void {
    this.#journal.note({ kind: 'dropped', bucket });
    bucket.dropped = true;
    this.#buckets.delete(bucket.start);
    this.#size -= bucket.groups.size;
    if (this.#last === bucket) this.#last = undefined;
  }

  /** Drops the groups that came first; the others are due as they were. */
  dropFirst(bucket: Bucket, count: number): void {
    const gone = new Map<GroupId, Entry>();
    for (const [group, entry] of bucket.groups) {
      if (gone.size === count) break;
      gone.set(group, entry);
      bucket.groups.delete(group);
    }
    this.#journal.note({ kind: 'parted', bucket, gone });
    bucket.parted = true;
    this.#size -= count;
    this.#due.add(bucket.time, bucket);
  }

  /** Ends the micro-batch and writes what has changed. */
  flush(changes: Changelog): void {
    for (const change of this.#journal.current) {
      if (change.kind === 'entry' && holds(change)) this.#put(change, changes);
      else if (change.kind === 'dropped') this.#remove(change.bucket, change.bucket.groups, changes);
      else if (change.kind === 'parted') this.#remove(change.bucket, change.gone, changes);
    }
    this.#journal.seal();
  }

  commit(): void {
    this.#journal.commit();
  }

  rollback(): void {
    this.#journal.rollback((change) => this.#revert(change));
    this.#last = undefined;
    this.#schedule();
  }

  restore(key: string, value: string | null): void {
    const { aggregation, groupBy } = this.#options;
    const [values, start] = JSON.parse(key) as [JsonValue[], number];
    const group = groupBy.idOfValues(values);
    const bucket = this.at(start);
    const before = bucket.groups.get(group);
    if (value !== null) bucket.groups.set(group, decodeEntry(aggregation, JSON.parse(value) as JsonValue[]));
    else bucket.groups.delete(group);
    if (value !== null && before === undefined) this.#size += 1;
    if (value === null && before !== undefined) this.#size -= 1;
  }

  /** All has been restored as it was at `watermark`. */
  restored(watermark: number): void {
    this.#journal.restored(watermark);
    this.#last = undefined;
    for (const bucket of this.#buckets.values()) {
      bucket.closed = bucket.time <= watermark;
      if (bucket.groups.size === 0) this.#buckets.delete(bucket.start);
    }
    this.#schedule();
  }

  #open(start: number): Bucket {
    const end = this.#options.windows.endOf(start);
    const time = end - 1;
    const closed = time <= this.watermark;
    const bucket: Bucket = { start, end, time, groups: new Map(), parted: false, closed, dropped: false };
    this.#buckets.set(start, bucket);
    this.#due.add(closed ? time + this.#options.keep : time, bucket);
    return bucket;
  }

  #put({ bucket, group, entry }: Place, changes: Changelog): void {
    changes.put(this.#keyOf(bucket, group), JSON.stringify(encodeEntry(this.#options.aggregation, entry)));
    entry.stored = true;
  }

  #remove(bucket: Bucket, groups: ReadonlyMap<GroupId, Entry>, changes: Changelog): void {
    for (const [group, { stored }] of groups) if (stored) changes.remove(this.#keyOf(bucket, group));
  }

  #keyOf({ start }: Bucket, group: GroupId): string {
    return `[${this.#options.groupBy.textOf(group)},${start}]`;
  }

  #revert(change: Change): void {
    if (change.kind === 'closed') {
      change.bucket.closed = false;
    } else if (change.kind === 'dropped') {
      change.bucket.dropped = false;
      this.#buckets.set(change.bucket.start, change.bucket);
      this.#size += change.bucket.groups.size;
    } else if (change.kind === 'parted') {
      const { groups } = change.bucket;
      const behind = [...groups];
      groups.clear();
      for (const [group, entry] of [...change.gone, ...behind]) groups.set(group, entry);
      this.#size += change.gone.size;
    } else if (change.before !== undefined) {
      revertEntry(change.entry, change.before);
    } else {
      change.bucket.groups.delete(change.group);
      this.#size -= 1;
      if (change.bucket.groups.size === 0) this.#buckets.delete(change.bucket.start);
    }
  }

  #schedule(): void {
    this.#due.clear();
    for (const bucket of this.#buckets.values())
      this.#due.add(bucket.closed ? bucket.time + this.#options.keep : bucket.time, bucket);
  }
}

/** Whether an entry that was changed is still there. */
function holds({ bucket, group, entry }: Place): boolean {
  return !bucket.dropped && (!bucket.parted || bucket.groups.get(group) === entry);
}
