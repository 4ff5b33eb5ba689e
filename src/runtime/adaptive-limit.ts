/** Writes in flight at the beginning: what a sink has by default. A higher `concurrency` is reached by trying. */
const FIRST_LIMIT = 4;
/** What is left of the limit when the destination says that it is given too much. */
const AFTER_OVERLOAD = 0.7;
/** What is left of it when answers have become slow. */
const AFTER_SLOWNESS = 0.9;
/** Answers that take longer than this many times the usual say that requests wait for each other. */
const SLOW = 2;
/** How fast the usual time follows the times that are seen. */
const FOLLOW = 0.1;
/** The shortest time that the usual one is taken for, in ms: what is below it is the clock's grain. */
const SHORTEST = 0.1;
/** Sizes are told apart by their power of two up to 2^31. */
const SIZES = 32;

/** One write that has ended. Times are those of a monotonic clock, in ms. */
export interface EndedWrite {
  readonly began: number;
  readonly ended: number;
  /** What it held, in bytes: writes are only compared with others of their size. */
  readonly bytes: number;
  /** It failed, or the destination said that it is given too much. */
  readonly overloaded: boolean;
  /** Writes in flight when it ended, itself included. */
  readonly inFlight: number;
}

/**
 * How many writes a destination takes at a time, found by trying (AIMD, as TCP and Vector's adaptive concurrency): one
 * more a round while answers come as fast as usual and the limit is used, a third fewer when the destination is
 * overloaded, a tenth fewer when answers take twice the usual time. Never below 1, never above `most`.
 *
 * The usual time is learnt, for each size of write, only while the limit is no higher than where learning began: else a
 * destination that merely queues would look ever more usual the more it is given. When the destination itself becomes
 * slower, the limit falls to that mark, and the usual time is learnt anew.
 */
export class AdaptiveLimit {
  readonly most: number;
  #limit: number;
  /** The highest limit at which the usual time is learnt. */
  #mark: number;
  #doubling = true;
  /** Writes that began before the last decrease say nothing about it. */
  #decreased = Number.NEGATIVE_INFINITY;
  readonly #usual = new Float64Array(SIZES);
  #roundEnds = Number.NEGATIVE_INFINITY;
  #ratios = 0;
  #writes = 0;
  #used = false;

  constructor(most: number) {
    this.most = most;
    this.#limit = Math.min(most, FIRST_LIMIT);
    this.#mark = this.#limit;
  }

  /** How many writes may be in flight, a whole number. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Takes note of a write that has ended. */
  ended(write: EndedWrite): void {
    if (write.began < this.#decreased) return;
    if (write.overloaded) {
      this.#decrease(AFTER_OVERLOAD, write.ended);
      return;
    }
    this.#ratios += this.#compare(write);
    this.#writes += 1;
    this.#used ||= write.inFlight >= this.limit;
    if (write.ended >= this.#roundEnds) this.#endRound(write);
  }

  /** How long the write took in terms of the usual time for its size, from which the usual time is learnt too. */
  #compare({ began, ended, bytes }: EndedWrite): number {
    const size = 31 - Math.clz32(Math.max(1, bytes));
    const took = Math.max(SHORTEST, ended - began);
    const usual = this.#usual[size] as number;
    if (usual === 0) {
      this.#usual[size] = took;
      return 1;
    }
    if (this.limit <= this.#mark) this.#usual[size] = usual + FOLLOW * (took - usual);
    return took / usual;
  }

  /** A round is about as long as a write takes, so that each change has shown its effect before the next. */
  #endRound({ began, ended }: EndedWrite): void {
    const slow = this.#ratios / this.#writes > SLOW;
    const used = this.#used;
    this.#beginRound(ended + (ended - began));
    if (slow) this.#decrease(AFTER_SLOWNESS, ended);
    else if (used) this.#limit = Math.min(this.most, this.#doubling ? this.#limit * 2 : this.#limit + 1);
  }

  #decrease(factor: number, now: number): void {
    this.#limit = Math.max(1, this.#limit * factor);
    this.#mark = Math.min(this.#mark, Math.max(1, this.limit));
    this.#doubling = false;
    this.#decreased = now;
    this.#beginRound(now);
  }

  #beginRound(ends: number): void {
    this.#ratios = 0;
    this.#writes = 0;
    this.#used = false;
    this.#roundEnds = ends;
  }
}
