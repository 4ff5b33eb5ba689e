import { copyOf } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import { type Key, keyFor, sizeOf } from './kept.ts';
import { storedList, storedNumber, storedValue } from './stored.ts';

/** UTF-16 code units of all values of a list: texts, and anything else as JSON. */
export const MAX_COLLECTED = 65_536;

interface Entry {
  readonly time: number;
  readonly value: JsonValue;
  readonly size: number;
  /** What stands for the value, where only different ones are collected. */
  readonly key: Key | undefined;
}

/**
 * The first values of a group in the order of event time, as many as fit into its bounds. Nothing from `#end` on gets in once
 * something there did not fit, so that the list does not depend on the order in which records come, but for those of one time.
 */
export class Collected {
  readonly #most: number;
  readonly #distinct: boolean;
  readonly #byKey = new Map<Key, Entry>();
  #entries: Entry[] = [];
  #size = 0;
  #end = Number.POSITIVE_INFINITY;

  /** `most`: the number of values; `distinct`: each of them once, at its earliest time. */
  constructor(most: number, distinct: boolean) {
    this.#most = most;
    this.#distinct = distinct;
  }

  get values(): JsonValue[] {
    return this.#entries.map(({ value }) => value);
  }

  /** False where the value is too large for any list. */
  add(time: number, value: JsonValue): boolean {
    if (time >= this.#end) return true;
    const size = sizeOf(value);
    if (size > MAX_COLLECTED) return false;
    const key = this.#distinct ? keyFor(value) : undefined;
    if (this.#takes(time, key)) this.#insert({ time, value: copyOf(value), size, key });
    return true;
  }

  /** What `from` has collected arrived after what is here. */
  merge(from: Collected): void {
    while ((this.#entries.at(-1)?.time ?? from.#end) > from.#end) this.#dropLast();
    for (const entry of from.#entries) {
      if (entry.time < this.#end && this.#takes(entry.time, entry.key)) this.#insert(entry);
    }
    this.#end = Math.min(this.#end, from.#end);
  }

  clone(): Collected {
    const copy = new Collected(this.#most, this.#distinct);
    copy.merge(this);
    return copy;
  }

  encode(): JsonValue {
    return [Number.isFinite(this.#end) ? this.#end : null, this.#entries.flatMap(({ time, value }) => [time, value])];
  }

  /** Fills an empty one with what `encode` has written; throws where it is no such thing. */
  decode(stored: JsonValue): this {
    const [end, list] = storedList(stored, 2);
    const pairs = storedList(list);
    for (let i = 0; i < pairs.length; i += 2) this.add(storedNumber(pairs[i]), storedValue(pairs[i + 1]));
    if (end !== null) this.#end = storedNumber(end);
    return this;
  }

  /** Whether a value of this time is none that is here already. One that is here at a later time makes room. */
  #takes(time: number, key: Key | undefined): boolean {
    const held = key === undefined ? undefined : this.#byKey.get(key);
    if (held === undefined) return true;
    if (held.time <= time) return false;
    this.#entries.splice(this.#entries.indexOf(held), 1);
    this.#forget(held);
    return true;
  }

  #insert(entry: Entry): void {
    this.#entries.splice(this.#placeAfter(entry.time), 0, entry);
    this.#size += entry.size;
    if (entry.key !== undefined) this.#byKey.set(entry.key, entry);
    while (this.#entries.length > this.#most || this.#size > MAX_COLLECTED) {
      this.#end = this.#entries.at(-1)?.time ?? this.#end;
      this.#dropLast();
    }
  }

  /** The place behind all entries up to this time. */
  #placeAfter(time: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Entry).time <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #dropLast(): void {
    const dropped = this.#entries.pop();
    if (dropped !== undefined) this.#forget(dropped);
  }

  #forget({ size, key }: Entry): void {
    this.#size -= size;
    if (key !== undefined) this.#byKey.delete(key);
  }
}
