import type { Place } from '../origins.ts';
import { isBefore } from '../state/time-queue.ts';

/** The sides of a join: the stream itself, and the topic that it is joined with. */
export const LEFT = 0;
export const RIGHT = 1;
export type Side = typeof LEFT | typeof RIGHT;

/** The records of one key, by side, each in the order of time. */
export interface Bucket {
  readonly key: string;
  readonly sides: readonly [TimeList, TimeList];
}

/** A record that waits for records of the other side. */
export interface Buffered extends Place {
  readonly side: Side;
  bucket: Bucket;
  readonly time: number;
  /** The order of arrival, by which those of one time are told apart. */
  readonly seq: number;
  /** The value as JSON. */
  readonly text: string;
  /** The packed headers in base64; '' where there are none or they are not needed. */
  readonly headers: string;
  /** The watermark of its own partition, where that was past its time already; else -Infinity. */
  readonly behind: number;
  matched: boolean;
  /** Whether it is in its bucket. One that is not may still be in the queue, which passes it over. */
  present: boolean;
  /** Whether the changelog has it, or will have it once the micro-batch is committed. */
  logged: boolean;
  /** Whether the changelog must be told of it at the end of the micro-batch. */
  dirty: boolean;
}

/** The list of all that have nothing; never changed. */
const NONE: Buffered[] = [];

/** The records of one side of one key, in the order of (time, seq). Taking the first is cheap, also of very many. */
export class TimeList {
  #items = NONE;
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The place of the first record whose time is at least `time`. Places are valid until the next change. */
  from(time: number): number {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle] as Buffered).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The record at a place, or `undefined` behind the last. */
  at(place: number): Buffered | undefined {
    return this.#items[place];
  }

  insert(entry: Buffered): void {
    const last = this.#items[this.#items.length - 1];
    // A list of one is made as one: growing an empty list would make room for many, of which most keys never have a second.
    if (last === undefined) this.#items = [entry];
    else if (isBefore(last, entry)) this.#items.push(entry);
    else this.#items.splice(this.#placeOf(entry), 0, entry);
  }

  remove(entry: Buffered): void {
    const place = this.#placeOf(entry);
    if (this.#items[place] !== entry) return;
    if (place > this.#head) {
      this.#items.splice(place, 1);
      return;
    }
    this.#head += 1;
    // The dead half is cut off once it is the larger one, so that taking the first costs the same for lists of any length.
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#head === this.#items.length ? NONE : this.#items.slice(this.#head);
    this.#head = 0;
  }

  #placeOf(entry: Buffered): number {
    let place = this.from(entry.time);
    for (let here = this.#items[place]; here !== undefined && isBefore(here, entry); here = this.#items[place]) place += 1;
    return place;
  }
}
