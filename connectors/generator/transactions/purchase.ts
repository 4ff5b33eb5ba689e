import { mix } from '../mix.ts';
import { HOUR_MS } from './calendar.ts';
import { CASH, CATEGORIES, type Category, type Channel, categoryFor, categoryOnTheWay } from './categories.ts';
import { type City, cityAt, perEuro } from './cities.ts';
import { AMOUNT_SPREAD, type Customer } from './customer.ts';
import { addressOf, deviceOf } from './device.ts';
import { Draws, hashOf } from './draws.ts';
import { type Merchant, shopIn, shopOnline } from './merchants.ts';
import { RHYTHMS } from './rhythm.ts';
import type { Place } from './whereabouts.ts';
import type { World } from './world.ts';

/** Why a transaction was declined. */
export type Reason = 'insufficient_funds' | 'limit_exceeded' | 'wrong_pin' | 'wrong_cvc';

/** What one transaction is about, however its record is written. */
export interface Purchase {
  /** Ms since 1970. */
  readonly time: number;
  readonly customer: Customer;
  /** Which of the customer's cards. */
  readonly card: number;
  readonly merchant: Merchant;
  readonly euros: number;
  readonly declined: Reason | undefined;
  readonly channel: Channel;
  /** Only online. */
  readonly device: string | undefined;
  readonly address: string | undefined;
  /** Where the card is used, where that is not where the customer is. */
  readonly elsewhere?: Elsewhere;
}

export interface Elsewhere {
  readonly city: City;
  readonly district: number;
}

/** Which part of honest transactions is declined. */
const DECLINED = 0.02;
/** Customers who are asked whether they are up at this hour, before one has to be. */
const ASKED = 16;
/** And before one has to be whose cards are not used now: with few customers, that may be all of them. */
const MOST_ASKED = 100;
const HOURS = 24;
/** Cash comes in multiples of this, of any currency. */
const BANKNOTE = 10;
/** An honest transaction comes to at least so many euros. */
export const LEAST_EUROS = 2;
/** Which part of transactions is made with the first card of several, and the first device. */
const FIRST = 0.7;

/** Makes honest transactions: each from its number and its time. */
export class Purchases {
  readonly #world: World;
  readonly #draws = new Draws();

  constructor(world: World) {
    this.#world = world;
  }

  at(number: number, time: number): Purchase {
    const { seed, start, calendar, whereabouts } = this.#world;
    const draws = this.#draws.from(hashOf(seed ^ 0x0b0e57, number));
    const customer = this.#customerAt(time);
    const place = whereabouts.at(customer, time - start);
    const category = place.onTheWay
      ? categoryOnTheWay(draws.unit())
      : categoryFor(localHour(time, place.city.offset), calendar.seasonOf(time), draws.unit());
    const kind = CATEGORIES[category] as Category;
    const online = place.onTheWay || draws.unit() < kind.online;
    return {
      time,
      customer,
      card: oneOf(customer.cards, draws),
      merchant: online ? shopOnline(category, draws.unit()) : shopHere(place, category, draws),
      euros: this.#eurosOf(customer, category),
      declined: draws.unit() < DECLINED ? reasonFor(draws, online) : undefined,
      channel: channelOf(category, online),
      device: online ? deviceOf(seed, customer.number, oneOf(customer.devices, draws)) : undefined,
      address: online ? ownAddress(seed, customer, place) : undefined,
    };
  }

  /** A customer who is up, the more likely the busier they are at this hour. */
  #customerAt(time: number): Customer {
    const draws = this.#draws;
    const { customers, lulls, start } = this.#world;
    for (let asked = 1; ; asked += 1) {
      const customer = customers.at(draws.below(customers.size));
      const up = asked > ASKED || draws.unit() < busyness(customer, time);
      if (up && (asked > MOST_ASKED || lulls.of(customer, time - start) === undefined)) return customer;
    }
  }

  #eurosOf(customer: Customer, category: number): number {
    const { median } = CATEGORIES[category] as Category;
    const typical = median * customer.means * this.#world.customers.taste(customer.number, category);
    const euros = Math.max(LEAST_EUROS, typical * Math.exp(AMOUNT_SPREAD * this.#draws.normal()));
    if (category !== CASH) return euros;
    const rate = perEuro(customer.currency);
    return (Math.ceil((euros * rate) / BANKNOTE) * BANKNOTE) / rate;
  }
}

/** How likely a customer pays at a time, from 0 to 1, by the hour where they live. */
export function busyness(customer: Customer, time: number): number {
  const { hours } = RHYTHMS[customer.rhythm] as { hours: readonly number[] };
  return customer.activity * (hours[localHour(time, cityAt(customer.city).offset)] as number);
}

/** The address that a customer has in a city. */
export function ownAddress(seed: number, customer: Customer, place: Place): string {
  return addressOf(mix(mix(seed ^ 0x0add4e, customer.number), place.cityNumber));
}

function localHour(time: number, offset: number): number {
  return (Math.floor(time / HOUR_MS + offset) + HOURS) % HOURS;
}

function shopHere(place: Place, category: number, draws: Draws): Merchant {
  return shopIn(place.cityNumber, place.district, category, draws.unit());
}

function channelOf(category: number, online: boolean): Channel {
  if (online) return 'online';
  return category === CASH ? 'atm' : 'pos';
}

function reasonFor(draws: Draws, online: boolean): Reason {
  const unit = draws.unit();
  if (unit < 0.6) return 'insufficient_funds';
  if (unit < 0.8) return 'limit_exceeded';
  return online ? 'wrong_cvc' : 'wrong_pin';
}

function oneOf(many: number, draws: Draws): number {
  return draws.unit() < FIRST ? 0 : draws.below(many);
}
