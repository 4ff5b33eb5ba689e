/** Windows that lie where they lie whatever the records are: [start, end), in ms since 1970. */
export interface AlignedWindows {
  /** The start of the last window that begins at `time` or before. */
  lastStart(time: number): number;
  /** The start of the window before the one that starts at `start`. */
  previousStart(start: number): number;
  endOf(start: number): number;
  /** How many windows hold one time, at most. */
  readonly overlap: number;
}

/** Windows of one size: tumbling, and hopping where `every` is another. With `every` > `size` there are gaps between them. */
export class FixedWindows implements AlignedWindows {
  readonly #size: number;
  readonly #every: number;
  readonly #offset: number;
  readonly overlap: number;
  // Times of neighbours are mostly close to each other, and a remainder of large numbers is slow.
  #start = Number.NaN;

  /** All in ms; `every` > 0, |`offset`| < `every`. */
  constructor(size: number, every = size, offset = 0) {
    this.#size = size;
    this.#every = every;
    this.#offset = offset;
    this.overlap = Math.ceil(size / every);
  }

  lastStart(time: number): number {
    const before = this.#start;
    if (time >= before && time < before + this.#every) return before;
    const remainder = (time - this.#offset) % this.#every;
    this.#start = remainder < 0 ? time - remainder - this.#every : time - remainder;
    return this.#start;
  }

  previousStart(start: number): number {
    return start - this.#every;
  }

  endOf(start: number): number {
    return start + this.#size;
  }
}
