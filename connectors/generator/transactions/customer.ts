import { mix } from '../mix.ts';
import { type Card, cardOf, MAX_CARDS } from './card.ts';
import { CATEGORIES } from './categories.ts';
import { cityAt, currencyOf, DISTRICTS, HOME_CITIES, perEuro } from './cities.ts';
import { deviceOf } from './device.ts';
import { Draws, unitOf } from './draws.ts';
import { RHYTHMS } from './rhythm.ts';

/** The spread of the logarithm of amounts of one customer in one category. */
export const AMOUNT_SPREAD = 0.45;
/** The spread of the logarithm of customers' means. */
const MEANS_SPREAD = 0.35;

const GIVEN_NAMES = (
  'Ada, Ben, Clara, David, Elif, Finn, Greta, Hugo, Ines, Jonas, Karla, Liam, Mara, Noah, Olga, Paul, Rosa, ' +
  'Samir, Tessa, Umar, Vera, Willem, Yara, Zoe'
).split(', ');
const FAMILY_NAMES = (
  'Adler, Bauer, Costa, Dubois, Evans, Fischer, Garcia, Hansen, Ivanova, Jensen, Kowalski, Lindgren, Moreau, ' +
  'Novak, Olsen, Parker, Rossi, Silva, Turner, Vogel, Walsh, Young, Zimmer, Brooks'
).split(', ');

/** What all transactions of a customer have in common. */
export interface Customer {
  readonly number: number;
  readonly id: string;
  /** Where they live: the numbers of city and district. */
  readonly city: number;
  readonly district: number;
  readonly currency: string;
  /** How much they spend, beside 1 for the average. */
  readonly means: number;
  /** How often they pay, from 0.3 to 1. */
  readonly activity: number;
  /** Which of {@link RHYTHMS} their day has. */
  readonly rhythm: number;
  readonly cards: number;
  readonly devices: number;
  /** What a transaction of theirs comes to on the average, in euros. */
  readonly usual: number;
}

/** A record of the customer table, keyed by the customer's id. */
export interface CustomerRecord {
  readonly id: string;
  readonly name: string;
  readonly home: {
    readonly city_name: string;
    readonly country_iso_code: string;
    readonly location: { readonly lat: number; readonly lon: number };
  };
  /** What the customer's cards are in (ISO 4217): the currency of all amounts. */
  readonly currency: string;
  readonly cards: readonly Card[];
  readonly devices: readonly string[];
  readonly usual: {
    /** The average amount, in `currency`. */
    readonly amount: number;
    /** The median amount of each category, in `currency`. */
    readonly by_category: Readonly<Record<string, number>>;
    /** Between which hours of local time most transactions are. */
    readonly hours: { readonly from: number; readonly to: number };
  };
}

/** The customers of a seed, each made from its number when it is first asked for, and kept: some 200 bytes each. */
export class Customers {
  readonly size: number;
  readonly #seed: number;
  readonly #known: (Customer | undefined)[] = [];
  readonly #draws = new Draws();

  constructor(seed: number, size: number) {
    this.#seed = seed;
    this.size = size;
  }

  at(number: number): Customer {
    let customer = this.#known[number];
    if (customer === undefined) {
      customer = this.#make(number);
      this.#known[number] = customer;
    }
    return customer;
  }

  /** The customer as a record of the customer table. */
  record(number: number): CustomerRecord {
    const seed = this.#seed;
    const customer = this.at(number);
    const { id, currency, means, usual } = customer;
    const { name, country, districts } = cityAt(customer.city);
    const { latitude: lat, longitude: lon } = districts[customer.district] as { latitude: number; longitude: number };
    const amount = (euros: number): number => Math.round(euros * perEuro(currency) * 100) / 100;
    const medians = CATEGORIES.map(
      (category, i) => [category.name, amount(category.median * means * this.taste(number, i))] as const,
    );
    const { from, to } = RHYTHMS[customer.rhythm] as { from: number; to: number };
    return {
      id,
      name: this.#nameOf(number),
      home: { city_name: name, country_iso_code: country, location: { lat, lon } },
      currency,
      cards: Array.from({ length: customer.cards }, (_, card) => cardOf(seed, number, card)),
      devices: Array.from({ length: customer.devices }, (_, device) => deviceOf(seed, number, device)),
      usual: { amount: amount(usual), by_category: Object.fromEntries(medians), hours: { from, to } },
    };
  }

  /** How much more or less than others of the same means a customer spends in a category: from 0.8 to 1.25. */
  taste(number: number, category: number): number {
    return 0.8 + 0.45 * unitOf(mix(mix(this.#seed ^ 0x07a57e, number), category));
  }

  #make(number: number): Customer {
    const draws = this.#draws.from(mix(this.#seed ^ 0x0c057, number));
    const city = draws.below(HOME_CITIES);
    const means = Math.exp(MEANS_SPREAD * draws.normal());
    let weights = 0;
    let sum = 0;
    CATEGORIES.forEach(({ weight, median }, category) => {
      weights += weight;
      sum += weight * median * this.taste(number, category);
    });
    return {
      number,
      id: `c-${number}`,
      city,
      district: draws.below(DISTRICTS),
      currency: currencyOf(cityAt(city).country),
      means,
      activity: draws.between(0.3, 1),
      rhythm: draws.below(RHYTHMS.length),
      cards: 1 + draws.below(MAX_CARDS),
      devices: draws.whole(1, 3),
      // The mean of a log-normal distribution is above its median.
      usual: (means * sum * Math.exp(AMOUNT_SPREAD ** 2 / 2)) / weights,
    };
  }

  #nameOf(number: number): string {
    const hash = mix(this.#seed ^ 0x0a3e, number);
    return `${GIVEN_NAMES[hash % GIVEN_NAMES.length]} ${FAMILY_NAMES[(hash >>> 8) % FAMILY_NAMES.length]}`;
  }
}
