import type { Changelog } from '../../sdk/operator.ts';
import type { Origins } from '../origins.ts';
import { Journal } from '../state/journal.ts';
import { TimeQueue } from '../state/time-queue.ts';
import { type Bucket, type Buffered, LEFT, RIGHT, type Side, TimeList } from './buffered.ts';
import { changelogKey, changelogValue, decodeEntry, placeOf } from './changelog-form.ts';

interface Change {
  readonly kind: 'added' | 'removed' | 'matched';
  readonly entry: Buffered;
}

/** The records that wait, by key and by time, with what must be written of them and how their changes are taken back. */
export class JoinState {
  readonly #buckets = new Map<string, Bucket>();
  readonly #queues = [new TimeQueue<Buffered>(), new TimeQueue<Buffered>()] as const;
  readonly #journal = new Journal<Change>();
  readonly #origins: Origins;
  #dirty: Buffered[] = [];
  #size = 0;
  #nextSeq = 0;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

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

  /** The number of the next record. */
  nextSeq(): number {
    this.#nextSeq += 1;
    return this.#nextSeq;
  }

  /** The records of a key, made where there are none. */
  bucketOf(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { key, sides: [new TimeList(), new TimeList()] };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** The records of a side that are over first. */
  queue(side: Side): TimeQueue<Buffered> {
    return this.#queues[side];
  }

  /** Keeps a record that has never been kept before. */
  add(entry: Buffered): void {
    this.#insert(entry);
    this.#journal.note({ kind: 'added', entry });
    this.#touch(entry);
  }

  remove(entry: Buffered): void {
    this.#take(entry);
    this.#journal.note({ kind: 'removed', entry });
    this.#touch(entry);
  }

  /** Remembers that a record has met one of the other side. */
  match(entry: Buffered): void {
    if (entry.matched) return;
    entry.matched = true;
    this.#journal.note({ kind: 'matched', entry });
    this.#touch(entry);
  }

  /** Lets go of a key that has no record. */
  forgetEmpty(bucket: Bucket): void {
    if (bucket.sides[LEFT].length === 0 && bucket.sides[RIGHT].length === 0) this.#buckets.delete(bucket.key);
  }

  flush(changes: Changelog): void {
    for (const entry of this.#dirty) {
      entry.dirty = false;
      if (entry.present) {
        changes.put(changelogKey(entry), changelogValue(entry));
        entry.logged = true;
      } else if (entry.logged) changes.remove(changelogKey(entry));
    }
    this.#dirty = [];
    this.#journal.seal();
  }

  commit(): void {
    this.#journal.commit();
  }

  /** Takes back what is not durable. */
  rollback(): void {
    for (const entry of this.#dirty) entry.dirty = false;
    this.#dirty = [];
    this.#journal.rollback(({ kind, entry }) => {
      if (kind === 'added') this.#take(entry);
      else if (kind === 'removed') this.#insert(entry);
      else entry.matched = false;
    });
  }

  restore(key: string, value: string | null): void {
    const place = placeOf(key);
    const bucket = this.bucketOf(place.key);
    const list = bucket.sides[place.side];
    for (let at = list.from(place.time); list.at(at)?.time === place.time; at += 1) {
      const before = list.at(at) as Buffered;
      if (before.seq !== place.seq) continue;
      this.#take(before);
      break;
    }
    if (place.seq > this.#nextSeq) this.#nextSeq = place.seq;
    if (value !== null) this.#insert(decodeEntry(place, value, this.bucketOf(place.key), this.#origins));
    else this.forgetEmpty(bucket);
  }

  /** All has been restored: what comes now begins at `watermark`. */
  restored(watermark: number): void {
    this.#journal.restored(watermark);
  }

  #touch(entry: Buffered): void {
    if (entry.dirty) return;
    entry.dirty = true;
    this.#dirty.push(entry);
  }

  #insert(entry: Buffered): void {
    const bucket = this.bucketOf(entry.bucket.key);
    entry.bucket = bucket;
    bucket.sides[entry.side].insert(entry);
    entry.present = true;
    this.#queues[entry.side].add(entry);
    this.#size += 1;
  }

  #take(entry: Buffered): void {
    entry.present = false;
    entry.bucket.sides[entry.side].remove(entry);
    this.forgetEmpty(entry.bucket);
    this.#size -= 1;
  }
}
