import { mix } from '../mix.ts';

/** Most cards of one customer. */
export const MAX_CARDS = 3;

interface Network {
  readonly name: string;
  /** What its numbers begin with: those that payment providers give out for tests, which no bank issues. */
  readonly prefix: string;
  readonly digits: number;
  /** Prime to 10, so that multiplying by it spreads serial numbers and never gives two the same. */
  readonly spread: number;
}

const VISA: Network = { name: 'visa', prefix: '411111', digits: 16, spread: 387_420_489 };
const MASTERCARD: Network = { name: 'mastercard', prefix: '555555', digits: 16, spread: 387_420_489 };
const AMEX: Network = { name: 'amex', prefix: '378282', digits: 15, spread: 38_742_049 };
const NETWORKS: readonly Network[] = [VISA, VISA, VISA, VISA, VISA, MASTERCARD, MASTERCARD, MASTERCARD, MASTERCARD, AMEX];

export interface Card {
  readonly id: string;
  readonly network: string;
  /** Its check digit is right (Luhn, ISO/IEC 7812-1). */
  readonly number: string;
}

/** The id of a customer's card: `card-17-2` is the second card of customer `c-17`. */
export function cardId(customer: number, card: number): string {
  return `card-${customer}-${card + 1}`;
}

export function cardNetwork(seed: number, customer: number, card: number): string {
  return networkOf(seed, customer * MAX_CARDS + card).name;
}

export function cardOf(seed: number, customer: number, card: number): Card {
  const serial = customer * MAX_CARDS + card;
  const { name, prefix, digits, spread } = networkOf(seed, serial);
  const free = digits - prefix.length - 1;
  const account = String((serial * spread) % 10 ** free).padStart(free, '0');
  return { id: cardId(customer, card), network: name, number: withCheckDigit(prefix + account) };
}

function networkOf(seed: number, serial: number): Network {
  return NETWORKS[mix(seed ^ 0x0ca4d5, serial) % NETWORKS.length] as Network;
}

function withCheckDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    // Counted from the right, every second digit is doubled, beginning with the one before the check digit.
    const counted = i % 2 === 0 ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
