import { Calendar } from './calendar.ts';
import { cardId, cardNetwork } from './card.ts';
import type { Channel } from './categories.ts';
import { perEuro } from './cities.ts';
import { type CustomerRecord, Customers } from './customer.ts';
import { Episodes, type FraudShares, type Part } from './episodes.ts';
import { FRAUD_KINDS, type FraudKind } from './fraud-kinds.ts';
import { Lulls } from './lulls.ts';
import { busyness, type Purchase, Purchases, type Reason } from './purchase.ts';
import { Slices, type Slot } from './slices.ts';
import { Whereabouts } from './whereabouts.ts';
import type { World } from './world.ts';

/** Options of {@link Transactions}. All have defaults. */
export interface TransactionOptions {
  /** The same seed and options give the same transactions. Default 1. */
  readonly seed?: number;
  /** How many customers there are. Default 1000. */
  readonly customers?: number;
  /** The time of the first transaction, in ms since 1970. Default {@link DEFAULT_START}. */
  readonly start?: number;
  /** Transactions a second of event time, on the average of a usual week. Default: {@link PER_CUSTOMER_AND_DAY}. */
  readonly eventRate?: number;
  /** How much later than a later one a transaction may come, in ms. Default 0: none does. */
  readonly outOfOrder?: number;
  /** Whether transactions say whether they are fraud. Default true. */
  readonly labels?: boolean;
  /** The part of each kind of fraud in all transactions; a kind that is left out does not occur. Default {@link DEFAULT_FRAUD}. */
  readonly fraud?: FraudShares;
}

export const DEFAULT_CUSTOMERS = 1000;
/** Monday, 1 January 2024. */
export const DEFAULT_START: number = Date.UTC(2024, 0, 1);
export const PER_CUSTOMER_AND_DAY = 4;
/** Each kind has this part where nothing is said. */
export const DEFAULT_SHARE = 0.0005;
export const DEFAULT_FRAUD: FraudShares = Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, DEFAULT_SHARE]));

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Customers who are asked for their hours, to know how busy each hour is. */
const ASKED = 2000;

/** A card transaction, as the source writes it. */
export interface Transaction {
  readonly '@timestamp': string;
  /** Its number in the order in which transactions come. */
  readonly event: { readonly sequence: number };
  /** Has its number in the order of times: the same transaction has the same id in any order. */
  readonly transaction: { readonly id: string };
  readonly customer: { readonly id: string };
  readonly card: { readonly id: string; readonly network: string };
  readonly merchant: { readonly id: string; readonly name: string; readonly category: string };
  /** In `currency`, which is that of the customer's cards. */
  readonly amount: number;
  readonly currency: string;
  /** The same amount in euros, to compare across currencies. */
  readonly amount_eur: number;
  readonly status: 'approved' | 'declined';
  readonly reason?: Reason;
  readonly channel: Channel;
  /** Only online. */
  readonly device?: { readonly id: string };
  /** Only online. */
  readonly source?: { readonly ip: string };
  /** Where the customer is; of a card in a shop, the shop's district. */
  readonly geo: {
    readonly city_name: string;
    readonly country_iso_code: string;
    readonly location: { readonly lat: number; readonly lon: number };
  };
  readonly label?: Label;
}

/** What is known of a transaction because it was made up. */
export type Label =
  | { readonly fraud: false }
  | {
      readonly fraud: true;
      readonly kind: FraudKind;
      /** Shared by the transactions of one case. */
      readonly episode: string;
      /** The transaction's number among those of the episode, from 1, and how many they are. */
      readonly part: number;
      readonly parts: number;
    };

/**
 * Card transactions of made-up customers, with fraud in between. Any of them is made from the seed and its sequence number,
 * without those before it, so that a position is a number and a restart goes on with the same transactions: see
 * {@link Slices} for their order, `Purchases` for honest ones, `Episodes` for fraud and `Whereabouts` for where customers are.
 * In order, one costs a few microseconds; a leap costs the making of a slice, some milliseconds.
 */
export class Transactions {
  readonly #world: World;
  readonly #labels: boolean;
  readonly #purchases: Purchases;
  readonly #slices: Slices;

  constructor({
    seed = 1,
    customers = DEFAULT_CUSTOMERS,
    start = DEFAULT_START,
    eventRate: rate = (customers * PER_CUSTOMER_AND_DAY) / DAY_SECONDS,
    outOfOrder = 0,
    labels = true,
    fraud: shares = DEFAULT_FRAUD,
  }: TransactionOptions = {}) {
    const people = new Customers(seed, customers);
    const calendar = new Calendar(start, rate, hoursOf(people));
    const lulls = new Lulls(seed, customers);
    this.#world = { seed, start, calendar, customers: people, whereabouts: new Whereabouts(seed), lulls };
    this.#labels = labels;
    this.#purchases = new Purchases(this.#world);
    this.#slices = new Slices({ seed, start, rate, outOfOrder, calendar, episodes: new Episodes(this.#world, shares) });
  }

  /** The transaction of a sequence number, from 0. */
  at(sequence: number): Transaction {
    const slot = this.#slices.at(sequence);
    const { part, honest, time } = slot;
    return this.#record(sequence, slot, part === undefined ? this.#purchases.at(honest, time) : purchaseOf(part));
  }

  /** A record of the customer table, by the customer's number. */
  customer(number: number): CustomerRecord {
    return this.#world.customers.record(number);
  }

  #record(sequence: number, { number, part }: Slot, purchase: Purchase): Transaction {
    const { seed, start, whereabouts } = this.#world;
    const { time, customer, card, merchant, euros, declined, channel, device, address, elsewhere } = purchase;
    const district = elsewhere?.city.districts[elsewhere.district];
    const place = whereabouts.at(customer, time - start);
    const { name, country } = elsewhere?.city ?? place.city;
    const { latitude: lat, longitude: lon } = district ?? place;
    const { currency } = customer;
    return {
      '@timestamp': new Date(time).toISOString(),
      event: { sequence },
      transaction: { id: `t-${seed}-${number}` },
      customer: { id: customer.id },
      card: { id: cardId(customer.number, card), network: cardNetwork(seed, customer.number, card) },
      merchant: { id: merchant.id, name: merchant.name, category: merchant.category },
      amount: cents(euros * perEuro(currency)),
      currency,
      amount_eur: cents(euros),
      ...(declined === undefined ? { status: 'approved' } : { status: 'declined', reason: declined }),
      channel,
      ...(device === undefined ? {} : { device: { id: device } }),
      ...(address === undefined ? {} : { source: { ip: address } }),
      geo: { city_name: name, country_iso_code: country, location: { lat, lon } },
      ...(this.#labels ? { label: labelOf(part) } : {}),
    };
  }
}

function purchaseOf({ episode, number }: Part): Purchase {
  return episode.purchases[number] as Purchase;
}

function labelOf(part: Part | undefined): Label {
  if (part === undefined) return { fraud: false };
  const { kind, id, purchases } = part.episode;
  return { fraud: true, kind, episode: id, part: part.number + 1, parts: purchases.length };
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

/** How busy each hour of UTC is, by where customers live and what their days are like. */
function hoursOf(customers: Customers): Float64Array {
  const hours = new Float64Array(HOURS);
  for (let number = 0; number < Math.min(customers.size, ASKED); number += 1) {
    const customer = customers.at(number);
    for (let hour = 0; hour < HOURS; hour += 1) hours[hour] = (hours[hour] as number) + busyness(customer, hour * HOUR_MS);
  }
  return hours;
}
