import type { Calendar } from './calendar.ts';
import { Draws, hashOf } from './draws.ts';
import type { Episodes, Part } from './episodes.ts';

const SECOND_MS = 1000;
/** A slice has as many transactions as fall on so many seconds, within these bounds. Longer ones ask for fewer episodes twice. */
const SLICE_SECONDS = 2;
const LEAST_PER_SLICE = 2048;
const MOST_PER_SLICE = 65_536;

/** Which transaction one is, before it is made. The same object for all of them. */
export interface Slot {
  /** Ms since 1970. */
  time: number;
  /** The transaction of fraud that it is. */
  part: Part | undefined;
  /** The number that an honest transaction is made from: no other has it. */
  honest: number;
}

/**
 * The order of all transactions. Time is divided into slices; how many transactions each has is known from the calendar
 * alone, so that the slice of any sequence number is found at once. In a slice, those of fraud have their own times, and
 * honest ones fill it up, spread evenly with a random deviation. The last slice that was asked for is kept: in order,
 * each is made once.
 */
export class Slices {
  readonly #seed: number;
  readonly #start: number;
  readonly #calendar: Calendar;
  readonly #episodes: Episodes;
  /** Length of a slice, in ms. */
  readonly #length: number;
  readonly #outOfOrder: number;
  readonly #draws = new Draws();
  readonly #slot: Slot = { time: 0, part: undefined, honest: 0 };
  #slice = -1;
  /** Sequence number of the slice's first transaction, and of the next slice's. */
  #first = 0;
  #end = 0;
  #times = new Float64Array(0);
  /** For each transaction: the number of an honest one in the slice, or the complement of the place in `#parts`. */
  #whose = new Int32Array(0);
  #parts: readonly Part[] = [];

  /** `rate`: transactions a second. `outOfOrder`: how much later than a later one a transaction may come, in ms. */
  constructor(of: { seed: number; start: number; rate: number; outOfOrder: number; calendar: Calendar; episodes: Episodes }) {
    this.#seed = of.seed;
    this.#start = of.start;
    this.#calendar = of.calendar;
    this.#episodes = of.episodes;
    this.#outOfOrder = of.outOfOrder;
    const count = Math.min(Math.max(of.rate * SLICE_SECONDS, LEAST_PER_SLICE), MOST_PER_SLICE);
    const length = Math.ceil((count * SECOND_MS) / of.rate);
    // Transactions change places within spans of `outOfOrder`, which a slice is made of.
    this.#length = of.outOfOrder === 0 ? length : of.outOfOrder * Math.ceil(length / of.outOfOrder);
  }

  /** Valid until the next call. */
  at(sequence: number): Slot {
    if (sequence < this.#first || sequence >= this.#end) this.#find(sequence);
    const at = sequence - this.#first;
    const whose = this.#whose[at] as number;
    const slot = this.#slot;
    slot.time = this.#times[at] as number;
    slot.part = whose < 0 ? this.#parts[~whose] : undefined;
    slot.honest = this.#first + whose;
    return slot;
  }

  #find(sequence: number): void {
    let slice = this.#slice + 1;
    if (sequence !== this.#end) slice = Math.floor((this.#calendar.timeAt(sequence + 1) - this.#start) / this.#length);
    // Rounding may put the time of a sequence number at a slice's border on its other side, and a quiet slice may be empty.
    while (slice > 0 && this.#countBefore(slice) > sequence) slice -= 1;
    while (this.#countBefore(slice + 1) <= sequence) slice += 1;
    this.#fill(slice);
  }

  #fill(slice: number): void {
    const from = this.#start + slice * this.#length;
    const to = from + this.#length;
    this.#slice = slice;
    this.#first = this.#countBefore(slice);
    this.#end = this.#countBefore(slice + 1);
    const size = this.#end - this.#first;
    if (this.#times.length < size) {
      this.#times = new Float64Array(size);
      this.#whose = new Int32Array(size);
    }
    const parts = this.#episodes.within(from, to);
    // Fraud is a tenth at most, and hours do not differ by that much: there is room.
    if (parts.length > size) parts.length = size;
    this.#parts = parts;
    this.#draws.from(hashOf(this.#seed ^ 0x051ce, slice));
    this.#merge(from, to, size);
    if (this.#outOfOrder > 0) this.#shuffle(from, size);
  }

  /** Puts honest transactions between those of fraud. */
  #merge(from: number, to: number, size: number): void {
    const honest = size - this.#parts.length;
    const countFrom = this.#calendar.countAt(from);
    const spacing = (this.#calendar.countAt(to) - countFrom) / honest;
    let part = 0;
    let partTime = this.#timeOf(part);
    let at = 0;
    for (let number = 0; number < honest; number += 1) {
      const exact = this.#calendar.timeAt(countFrom + (number + this.#draws.unit()) * spacing);
      const time = Math.min(Math.max(Math.floor(exact), from), to - 1);
      for (; partTime <= time; at += 1) {
        this.#put(at, partTime, ~part);
        part += 1;
        partTime = this.#timeOf(part);
      }
      this.#put(at, time, number);
      at += 1;
    }
    for (; part < this.#parts.length; part += 1, at += 1) this.#put(at, this.#timeOf(part), ~part);
  }

  /** Puts the transactions of each span of time into any order (Fisher and Yates). */
  #shuffle(from: number, size: number): void {
    for (let first = 0; first < size; ) {
      const border = from + (Math.floor(((this.#times[first] as number) - from) / this.#outOfOrder) + 1) * this.#outOfOrder;
      let end = first + 1;
      while (end < size && (this.#times[end] as number) < border) end += 1;
      for (let last = end - 1; last > first; last -= 1) this.#swap(last, this.#draws.whole(first, last));
      first = end;
    }
  }

  #put(at: number, time: number, whose: number): void {
    this.#times[at] = time;
    this.#whose[at] = whose;
  }

  #swap(one: number, other: number): void {
    const time = this.#times[one] as number;
    const whose = this.#whose[one] as number;
    this.#put(one, this.#times[other] as number, this.#whose[other] as number);
    this.#put(other, time, whose);
  }

  /** The time of a transaction of fraud in the slice; later than all where there is none. */
  #timeOf(part: number): number {
    const { episode, number } = this.#parts[part] ?? {};
    return episode === undefined ? Number.POSITIVE_INFINITY : (episode.purchases[number as number]?.time as number);
  }

  #countBefore(slice: number): number {
    return Math.floor(this.#calendar.countAt(this.#start + slice * this.#length));
  }
}
