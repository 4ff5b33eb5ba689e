import { mix } from '../mix.ts';
import type { Customer } from './customer.ts';

const LULL_MS = 48 * 3_600_000;
/** Which part of customers has a lull at any time, in percent, and so many customers where that is few. */
const LEAST = 4;
const MOST = 40;
const WANTED = 40;

/**
 * Who has a lull: a time of two days in which the only transactions with a customer's cards are of impossible travel, by the
 * hash of seed, customer and time. Who has used a card far away would otherwise come back as impossibly at the next honest
 * transaction, which a rule is right to report and which no label could tell.
 */
export class Lulls {
  readonly #seed: number;
  readonly #percent: number;

  constructor(seed: number, customers: number) {
    this.#seed = seed ^ 0x010111;
    this.#percent = Math.min(Math.max(LEAST, Math.ceil((WANTED * 100) / customers)), MOST);
  }

  /** How much of a customer's lull is over, from 0 to 1; `undefined` where there is none. `elapsed`: ms since the start. */
  of(customer: Customer, elapsed: number): number | undefined {
    const own = mix(this.#seed, customer.number);
    const lulls = elapsed / LULL_MS + (own & 0xffff) / 0x10000;
    const lull = Math.floor(lulls);
    return mix(own, lull) % 100 < this.#percent ? lulls - lull : undefined;
  }
}
