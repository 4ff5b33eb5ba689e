import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';
import { storedList, storedNumber, storedValue } from '../aggregate/stored.ts';

/** The finest slices into which records are put together: this part of the range. */
const FINEST = 256;
/** About how many UTF-16 code units all that a range keeps may have, as it is stored. */
const MOST_CHARACTERS = 4_000_000;
/** What a number, or the signs around a value, are counted as. */
const PER_VALUE = 8;

export interface RangeSettings {
  readonly aggregation: Aggregation;
  /** How long before a record another one still counts, in ms. */
  readonly over: number;
  /** How many records of a key are kept one by one. */
  readonly maxKept: number;
}

/** What one record gave, or those of a slice. It does not change. */
interface Entry {
  /** In ms; that of the last one of a slice. */
  readonly time: number;
  readonly accumulators: Accumulators;
  /** About how many UTF-16 code units it has as it is stored. */
  readonly size: number;
}

/**
 * The records of a key that are within a time of its last one. It is a queue whose aggregate is known at any moment without
 * subtracting, made of two stacks: of each record in front it is known what it and those behind it come to, up to the end of the front;
 * what is behind the front is gathered in one sum. When the front is used up, what is behind becomes the front. So a record
 * costs two merges on average, however many there are.
 */
export interface Range {
  /** None of these changes in place. Those before `at` have left. */
  front: readonly Entry[];
  /** What each record in front comes to with those behind it in front. */
  suffixes: readonly Accumulators[];
  at: number;
  back: Entry[];
  /** What `back` comes to. */
  total: Accumulators;
  /** The size of all that are there. */
  size: number;
  /** The time of the last record in ms. */
  last: number;
}

/** What is done with ranges: each of them is changed in place. */
export class Ranges {
  readonly #settings: RangeSettings;

  constructor(settings: RangeSettings) {
    this.#settings = settings;
  }

  create(): Range {
    return { front: [], suffixes: [], at: 0, back: [], total: this.#settings.aggregation.create(), size: 0, last: 0 };
  }

  /** A copy that shares nothing that changes. */
  copyOf({ front, suffixes, at, back, total, size, last }: Range): Range {
    return { front, suffixes, at, back: [...back], total: this.#settings.aggregation.clone(total), size, last };
  }

  /** The records that are too old for one of this time leave. */
  moveTo(range: Range, time: number): void {
    const oldest = time - this.#settings.over;
    const { front, back } = range;
    while (range.at < front.length && (front[range.at] as Entry).time < oldest) {
      range.size -= (front[range.at] as Entry).size;
      range.at += 1;
    }
    if (range.at < front.length || back.length === 0 || (back[0] as Entry).time >= oldest) return;
    this.#fill(
      range,
      back.filter((entry) => entry.time >= oldest),
    );
  }

  /** Adds what a record of this time gave, which is none before the others. The accumulators are the range's. */
  add(range: Range, time: number, accumulators: Accumulators): void {
    const entry = this.#entryOf(time, accumulators);
    range.back.push(entry);
    range.size += entry.size;
    range.last = time;
    this.#settings.aggregation.merge(range.total, accumulators);
    if (this.#isFull(range, 1)) this.#coarsen(range);
  }

  /** What the range comes to: not to be changed. */
  totalOf({ front, suffixes, at, total }: Range): Accumulators {
    if (at >= front.length) return total;
    const { aggregation } = this.#settings;
    const sum = aggregation.clone(suffixes[at] as Accumulators);
    aggregation.merge(sum, total);
    return sum;
  }

  /** The time of the last record, the front and what is behind it. A format. */
  encode({ front, at, back, last }: Range): JsonValue {
    return [last, this.#encodeAll(front.slice(at)), this.#encodeAll(back)];
  }

  decode(stored: JsonValue): Range {
    const [last, front, back] = storedList(stored, 3);
    const range = this.create();
    this.#fill(range, this.#decodeAll(storedValue(front)));
    for (const entry of this.#decodeAll(storedValue(back))) {
      range.back.push(entry);
      range.size += entry.size;
      this.#settings.aggregation.merge(range.total, entry.accumulators);
    }
    range.last = storedNumber(last);
    return range;
  }

  #entryOf(time: number, accumulators: Accumulators): Entry {
    return { time, accumulators, size: charactersOf(this.#settings.aggregation.encode(accumulators)) };
  }

  /** Whether it holds more than this part of what it may. */
  #isFull({ front, at, back, size }: Range, part: number): boolean {
    return front.length - at + back.length > this.#settings.maxKept * part || size > MOST_CHARACTERS * part;
  }

  /** These become the front, and nothing is behind it. */
  #fill(range: Range, entries: readonly Entry[]): void {
    const { aggregation } = this.#settings;
    const suffixes: Accumulators[] = [];
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const suffix = aggregation.clone((entries[i] as Entry).accumulators);
      if (i + 1 < entries.length) aggregation.merge(suffix, suffixes[i + 1] as Accumulators);
      suffixes[i] = suffix;
    }
    range.front = entries;
    range.suffixes = suffixes;
    range.at = 0;
    range.back = [];
    range.total = aggregation.create();
    range.size = entries.reduce((sum, { size }) => sum + size, 0);
  }

  /** Puts neighbours together until half of the room is free. What comes of it depends on the records alone. */
  #coarsen(range: Range): void {
    const entries = [...range.front.slice(range.at), ...range.back];
    const { over } = this.#settings;
    let width = over / FINEST;
    do {
      this.#fill(range, this.#sliced(entries, width));
      width *= 2;
    } while (this.#isFull(range, 1 / 2) && width <= over);
  }

  #sliced(entries: readonly Entry[], width: number): Entry[] {
    const slices: Entry[] = [];
    let begin = 0;
    for (let end = 1; end <= entries.length; end += 1) {
      const { time } = entries[end - 1] as Entry;
      const next = entries[end]?.time ?? Number.POSITIVE_INFINITY;
      if (Math.floor(next / width) === Math.floor(time / width)) continue;
      slices.push(this.#together(entries.slice(begin, end)));
      begin = end;
    }
    return slices;
  }

  #together(entries: readonly Entry[]): Entry {
    const [first, ...others] = entries as readonly [Entry, ...Entry[]];
    const last = others.at(-1);
    if (last === undefined) return first;
    const { aggregation } = this.#settings;
    const sum = aggregation.clone(first.accumulators);
    for (const { accumulators } of others) aggregation.merge(sum, accumulators);
    return this.#entryOf(last.time, sum);
  }

  #encodeAll(entries: readonly Entry[]): JsonValue {
    return entries.flatMap(({ time, accumulators }) => [time, this.#settings.aggregation.encode(accumulators)]);
  }

  #decodeAll(stored: JsonValue): Entry[] {
    const list = storedList(stored);
    const entries: Entry[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const accumulators = this.#settings.aggregation.decode(storedValue(list[i + 1]));
      entries.push(this.#entryOf(storedNumber(list[i]), accumulators));
    }
    return entries;
  }
}

/** About how long a value is as JSON: the same for the same value, without writing it. */
function charactersOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length + PER_VALUE;
  if (typeof value !== 'object' || value === null) return PER_VALUE;
  let sum = PER_VALUE;
  if (Array.isArray(value)) {
    for (const item of value) sum += charactersOf(item);
    return sum;
  }
  for (const name of Object.keys(value)) sum += name.length + charactersOf((value as JsonObject)[name] ?? null);
  return sum;
}
