import type { Calendar } from './calendar.ts';
import { Draws, hashOf } from './draws.ts';
import { type Episodes, type Part, timeOfPart } from './episodes.ts';

const SECOND_MS = 1000;
/** A slice has as many transactions as fall on so many seconds, within these bounds. Longer ones ask for fewer episodes twice. */
const SLICE_SECONDS = 2;
const LEAST_PER_SLICE = 2048;
const MOST_PER_SLICE = 65_536;

/** Which transaction one is, before it is made. The same object for all of them. */
export interface Slot {
  /** Ms since 1970. */
  time: number;
  /** Its number in the order of times, which does not depend on the order in which they come. */
  number: number;
  /** The transaction of fraud that it is. */
  part: Part | undefined;
  /** The number that an honest transaction is made from: no other has it. */
  honest: number;
}

/**
 * The order of all transactions. Time is divided into slices; how many transactions each has is known from the calendar
 * alone, so that the slice of any sequence number is found at once. In a slice, those of fraud have their own times, and
 * honest ones fill it up, spread evenly with a random deviation. Where transactions change places over more than a slice,
 * some slices are made together. What was made last is kept: in order, each slice is made once.
 */
export class Slices {
  readonly #seed: number;
  readonly #start: number;
  readonly #calendar: Calendar;
  readonly #episodes: Episodes;
  /** Length of a slice, in ms. */
  readonly #length: number;
  readonly #outOfOrder: number;
  /** How many slices are made together. */
  readonly #together: number;
  readonly #draws = new Draws();
  readonly #slot: Slot = { time: 0, number: 0, part: undefined, honest: 0 };
  /** The slices that are there now: all below are of them. */
  #group = -1;
  /** Sequence number of the first transaction, and of the first one behind. */
  #first = 0;
  #end = 0;
  /** In the order of times. */
  #times = new Float64Array(0);
  /** For each transaction: the number of an honest one from `#first` on, or the complement of the place in `#parts`. */
  #whose = new Int32Array(0);
  /** The places of transactions in the order of times, in the order in which they come. */
  #order = new Int32Array(0);
  #parts: Part[] = [];

  /** `rate`: transactions a second. `outOfOrder`: how much later than a later one a transaction may come, in ms. */
  constructor(of: { seed: number; start: number; rate: number; outOfOrder: number; calendar: Calendar; episodes: Episodes }) {
    this.#seed = of.seed;
    this.#start = of.start;
    this.#calendar = of.calendar;
    this.#episodes = of.episodes;
    this.#outOfOrder = of.outOfOrder;
    const count = Math.min(Math.max(of.rate * SLICE_SECONDS, LEAST_PER_SLICE), MOST_PER_SLICE);
    this.#length = Math.ceil((count * SECOND_MS) / of.rate);
    this.#together = Math.max(1, Math.ceil(of.outOfOrder / this.#length));
  }

  /** Valid until the next call. */
  at(sequence: number): Slot {
    if (sequence < this.#first || sequence >= this.#end) this.#find(sequence);
    const place = this.#order[sequence - this.#first] as number;
    const whose = this.#whose[place] as number;
    const slot = this.#slot;
    slot.time = this.#times[place] as number;
    slot.number = this.#first + place;
    slot.part = whose < 0 ? this.#parts[~whose] : undefined;
    slot.honest = this.#first + whose;
    return slot;
  }

  #find(sequence: number): void {
    let group = this.#group + 1;
    if (sequence !== this.#end) {
      const elapsed = this.#calendar.timeAt(sequence + 1) - this.#start;
      group = Math.floor(elapsed / (this.#length * this.#together));
    }
    // Rounding may put the time of a sequence number at a border on its other side, and quiet slices may be empty.
    while (group > 0 && this.#countBefore(group * this.#together) > sequence) group -= 1;
    while (this.#countBefore((group + 1) * this.#together) <= sequence) group += 1;
    this.#fill(group);
  }

  #fill(group: number): void {
    const firstSlice = group * this.#together;
    this.#group = group;
    this.#first = this.#countBefore(firstSlice);
    this.#end = this.#countBefore(firstSlice + this.#together);
    const size = this.#end - this.#first;
    if (this.#times.length < size) {
      this.#times = new Float64Array(size);
      this.#whose = new Int32Array(size);
      this.#order = new Int32Array(size);
    }
    this.#parts = [];
    for (let slice = firstSlice; slice < firstSlice + this.#together; slice += 1) this.#addSlice(slice);
    for (let place = 0; place < size; place += 1) this.#order[place] = place;
    if (this.#outOfOrder > 0) this.#shuffle(group, size);
  }

  /** Puts honest transactions between those of fraud. */
  #addSlice(slice: number): void {
    const from = this.#timeOfSlice(slice);
    const to = from + this.#length;
    const first = this.#countBefore(slice) - this.#first;
    const end = this.#countBefore(slice + 1) - this.#first;
    // Fraud is a tenth at most, and hours do not differ by that much: there is room.
    const parts = this.#episodes.within(from, to).slice(0, end - first);
    const honest = end - first - parts.length;
    const countFrom = this.#calendar.countAt(from);
    const spacing = (this.#calendar.countAt(to) - countFrom) / honest;
    const draws = this.#draws.from(hashOf(this.#seed ^ 0x051ce, slice));
    let place = first;
    let part = 0;
    for (let number = 0; number < honest; number += 1) {
      const exact = this.#calendar.timeAt(countFrom + (number + draws.unit()) * spacing);
      const time = Math.min(Math.max(Math.floor(exact), from), to - 1);
      for (; part < parts.length && timeOfPart(parts[part] as Part) <= time; part += 1)
        this.#addPart(place++, parts[part] as Part);
      this.#times[place] = time;
      this.#whose[place] = first + number;
      place += 1;
    }
    for (; part < parts.length; part += 1) this.#addPart(place++, parts[part] as Part);
  }

  #addPart(place: number, part: Part): void {
    this.#times[place] = timeOfPart(part);
    this.#whose[place] = ~this.#parts.length;
    this.#parts.push(part);
  }

  /** Puts the transactions of each span of time into any order (Fisher and Yates). */
  #shuffle(group: number, size: number): void {
    const from = this.#timeOfSlice(group * this.#together);
    const draws = this.#draws.from(hashOf(this.#seed ^ 0x05f1e, group));
    const order = this.#order;
    for (let first = 0; first < size; ) {
      const spans = Math.floor(((this.#times[first] as number) - from) / this.#outOfOrder);
      const border = from + (spans + 1) * this.#outOfOrder;
      let end = first + 1;
      while (end < size && (this.#times[end] as number) < border) end += 1;
      for (let last = end - 1; last > first; last -= 1) {
        const other = draws.whole(first, last);
        const place = order[last] as number;
        order[last] = order[other] as number;
        order[other] = place;
      }
      first = end;
    }
  }

  #timeOfSlice(slice: number): number {
    return this.#start + slice * this.#length;
  }

  #countBefore(slice: number): number {
    return Math.floor(this.#calendar.countAt(this.#timeOfSlice(slice)));
  }
}
