import { mix } from '../mix.ts';

const TWO_TO_32 = 2 ** 32;
/** How many standard deviations a draw of {@link Draws.normal} may be from the mean: a tail without end would hold any amount. */
const MAX_DEVIATION = 2.2;

/** A hash of a seed and a whole number up to 2^53. */
export function hashOf(seed: number, number: number): number {
  return mix(mix(seed, Math.floor(number / TWO_TO_32)), number >>> 0);
}

/** A number in [0, 1) from a hash. */
export const unitOf = (hash: number): number => hash / TWO_TO_32;

/** Numbers drawn one after another, all of them given by the hash that it was set to. One is used for all transactions. */
export class Draws {
  #hash = 0;
  #drawn = 0;

  from(hash: number): this {
    this.#hash = hash;
    this.#drawn = 0;
    return this;
  }

  /** A number from 0 to 2^32-1. */
  next(): number {
    const drawn = mix(this.#hash, this.#drawn);
    this.#drawn += 1;
    return drawn;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.next() / TWO_TO_32;
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.unit();
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** A standard normal deviate by the method of Box and Muller, at most {@link MAX_DEVIATION} from 0. */
  normal(): number {
    for (;;) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
      const deviate = radius * Math.cos(2 * Math.PI * this.unit());
      if (deviate >= -MAX_DEVIATION && deviate <= MAX_DEVIATION) return deviate;
    }
  }
}
