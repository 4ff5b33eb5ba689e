import { murmur3 } from './murmur.ts';

/** Bits of a hash that choose a register. */
const PRECISION = 12;
const REGISTERS = 1 << PRECISION;
/** Bits of a hash after those. */
const REST = 64 - PRECISION;
/** Of those, the ones in the first of the two 32-bit halves. */
const REST_OF_FIRST = 32 - PRECISION;

const SEEDS = [0x9747b28c, 0x2f0b4c47] as const;

/** One character for each value of a register, which has 6 bits: the alphabet of base64. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The number of different texts, estimated in 4 KiB: HyperLogLog (Flajolet and others, 2007) with hashes of 64 bits, 4,096
 * registers, and the estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6,
 * which needs no table against bias. The standard error is 1.04 / sqrt(4096), 1.6%. It depends on nothing but the set of texts.
 */
export class HyperLogLog {
  readonly #registers: Uint8Array;

  constructor(registers = new Uint8Array(REGISTERS)) {
    this.#registers = registers;
  }

  /** Reads what `encode` has written; throws where it is none. */
  static decode(text: string): HyperLogLog {
    const registers = Uint8Array.from(text, (character) => ALPHABET.indexOf(character));
    if (registers.length !== REGISTERS || registers.some((rank) => rank > REST + 1)) {
      throw new Error('stored aggregates: expected the registers of an estimate');
    }
    return new HyperLogLog(registers);
  }

  add(text: string): void {
    const first = murmur3(text, SEEDS[0]);
    const register = first >>> REST_OF_FIRST;
    const rest = first << PRECISION;
    // The number of zeros before the first one, and that one.
    const rank = rest === 0 ? REST_OF_FIRST + Math.clz32(murmur3(text, SEEDS[1])) + 1 : Math.clz32(rest) + 1;
    if (rank > (this.#registers[register] as number)) this.#registers[register] = rank;
  }

  merge(from: HyperLogLog): void {
    for (const [i, rank] of from.#registers.entries()) {
      if (rank > (this.#registers[i] as number)) this.#registers[i] = rank;
    }
  }

  clone(): HyperLogLog {
    return new HyperLogLog(this.#registers.slice());
  }

  /** A character for each register. */
  encode(): string {
    return Array.from(this.#registers, (rank) => ALPHABET[rank]).join('');
  }

  estimate(): number {
    const counts = new Array<number>(REST + 2).fill(0);
    for (const rank of this.#registers) counts[rank] = (counts[rank] as number) + 1;
    let z = REGISTERS * tau(1 - (counts[REST + 1] as number) / REGISTERS);
    for (let rank = REST; rank >= 1; rank -= 1) z = (z + (counts[rank] as number)) / 2;
    z += REGISTERS * sigma((counts[0] as number) / REGISTERS);
    return Math.round((REGISTERS * REGISTERS) / (2 * Math.LN2 * z));
  }
}

/** x + sum of x^(2^k) 2^(k-1) over k from 1: what registers that are still empty add. */
function sigma(of: number): number {
  if (of === 1) return Number.POSITIVE_INFINITY;
  let x = of;
  let weight = 1;
  let sum = x;
  for (let before = -1; before !== sum; weight *= 2) {
    x *= x;
    before = sum;
    sum += x * weight;
  }
  return sum;
}

/** (1 - x - sum of (1 - x^(2^-k))^2 2^-k over k from 1) / 3: what registers that are full take away. */
function tau(of: number): number {
  if (of === 0 || of === 1) return 0;
  let x = of;
  let weight = 1;
  let sum = 1 - x;
  for (let before = -1; before !== sum; ) {
    x = Math.sqrt(x);
    before = sum;
    weight /= 2;
    sum -= (1 - x) ** 2 * weight;
  }
  return sum / 3;
}
