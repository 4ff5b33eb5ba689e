import { mix } from '../mix.ts';
import type { Customer } from './customer.ts';

const LULL_MS = 48 * 3_600_000;
/** Which part of customers has a lull, at any time, in percent. */
const LULLS = 4;

/**
 * How much of a lull is over, from 0 to 1, and `undefined` where the customer has none: a time of two days in which the only
 * transactions with a customer's cards are of impossible travel, by the hash of seed, customer and time. Who has used a card
 * far away would otherwise come back as impossibly at the next honest transaction, which a rule is right to report and which
 * no label could tell.
 */
export function lullOf(seed: number, customer: Customer, elapsed: number): number | undefined {
  const own = mix(seed ^ 0x010111, customer.number);
  const lulls = elapsed / LULL_MS + (own & 0xffff) / 0x10000;
  const lull = Math.floor(lulls);
  return mix(own, lull) % 100 < LULLS ? lulls - lull : undefined;
}
