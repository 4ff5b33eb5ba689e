import { DIGITAL, ELECTRONICS, GROCERY, ONLINE } from './categories.ts';
import { CITIES, cityAt, DISTRICTS } from './cities.ts';
import type { Customer } from './customer.ts';
import { addressOf, deviceOf, strangeDevice } from './device.ts';
import type { Draws } from './draws.ts';
import { distanceKm } from './great-circle.ts';
import { blockedMerchant, shopIn, shopOnline } from './merchants.ts';
import { LEAST_EUROS, ownAddress, type Purchase } from './purchase.ts';
import type { Place } from './whereabouts.ts';
import type { World } from './world.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** The kinds of fraud, as labels and options name them. */
export const FRAUD_KINDS = [
  'velocity',
  'impossible_travel',
  'declined_declined_approved',
  'probe_then_big',
  'unusual_amount',
  'new_device',
  'blocked_merchant',
] as const;

export type FraudKind = (typeof FRAUD_KINDS)[number];

/** What an episode of fraud is made of. */
export interface Scene extends World {
  /** When the episode begins, in ms since 1970. */
  readonly time: number;
  /** The episode's own number among those of all kinds. */
  readonly episode: number;
  readonly draws: Draws;
}

/** How one kind of fraud goes. */
export interface Scheme {
  /** Transactions of an episode on the average, and how long it takes at most, in ms. */
  readonly parts: number;
  readonly longest: number;
  /** The transactions of an episode, in the order of their times. */
  readonly purchases: (scene: Scene) => Purchase[];
}

/** Customers who are asked whether they are in a shop, or their cards in use, before one is taken who is not. */
const ASKED = 16;
/** Customers who are asked whether their cards are used for nothing else. */
const MOST_ASKED = 1000;
/** How far the second transaction of impossible travel is from the first, in km, at least: in {@link LONGEST_LEAP_MS} no aeroplane gets there. */
const LEAP_KM = 1500;
const LONGEST_LEAP_MS = 45 * MINUTE_MS;

export const SCHEMES: Readonly<Record<FraudKind, Scheme>> = {
  velocity: { parts: 8, longest: 9 * 30 * SECOND_MS, purchases: velocity },
  impossible_travel: { parts: 2, longest: LONGEST_LEAP_MS, purchases: impossibleTravel },
  declined_declined_approved: { parts: 4, longest: 4 * MINUTE_MS, purchases: cardTesting },
  probe_then_big: { parts: 2, longest: 10 * MINUTE_MS, purchases: probeThenBig },
  unusual_amount: { parts: 1, longest: 0, purchases: unusualAmount },
  new_device: { parts: 5, longest: 5 * MINUTE_MS, purchases: newDevice },
  blocked_merchant: { parts: 1, longest: 0, purchases: toBlockedMerchant },
};

/** 6 to 10 small purchases with one card, online, 3 to 30 seconds apart. */
function velocity(scene: Scene): Purchase[] {
  const { draws } = scene;
  const stolen = stolenCard(scene);
  return timesOf(scene, draws.whole(6, 10), 3 * SECOND_MS, 30 * SECOND_MS).map((time) => ({
    ...stolen,
    time,
    merchant: shopOnline(DIGITAL, draws.unit()),
    euros: draws.between(LEAST_EUROS, 15),
  }));
}

/** A purchase where the customer is, and one more than 1500 km away 10 to 45 minutes later, both in shops. */
function impossibleTravel(scene: Scene): Purchase[] {
  const { draws } = scene;
  const { customer, place } = someoneInShop(scene);
  const away = cityFarFrom(place, draws);
  const district = draws.below(DISTRICTS);
  const card = draws.below(customer.cards);
  const inShop = { customer, card, declined: undefined, channel: 'pos', device: undefined, address: undefined } as const;
  const here: Purchase = {
    ...inShop,
    time: scene.time,
    merchant: shopIn(place.cityNumber, place.district, GROCERY, draws.unit()),
    euros: customer.usual * draws.between(0.5, 1.5),
    elsewhere: { city: place.city, district: place.district },
  };
  const there: Purchase = {
    ...inShop,
    time: scene.time + draws.whole(10 * MINUTE_MS, LONGEST_LEAP_MS),
    merchant: shopIn(away, district, ELECTRONICS, draws.unit()),
    euros: customer.usual * draws.between(2, 5),
    elsewhere: { city: cityAt(away), district },
  };
  return [here, there];
}

/** Testing a card: 2 to 4 small purchases that are declined, then one that is not, 5 to 60 seconds apart, online. */
function cardTesting(scene: Scene): Purchase[] {
  const { draws } = scene;
  const stolen = stolenCard(scene);
  const merchant = shopOnline(DIGITAL, draws.unit());
  const declined = draws.whole(2, 4);
  return timesOf(scene, declined + 1, 5 * SECOND_MS, MINUTE_MS).map((time, i) => ({
    ...stolen,
    time,
    merchant,
    euros: draws.between(LEAST_EUROS, 20),
    declined: i === declined ? undefined : draws.unit() < 0.7 ? 'wrong_cvc' : 'insufficient_funds',
  }));
}

/** Less than 1.50 euros, and 1 to 10 minutes later 5 to 9 times what is usual for the customer, online. */
function probeThenBig(scene: Scene): Purchase[] {
  const { draws } = scene;
  const stolen = stolenCard(scene);
  const [first, second] = timesOf(scene, 2, MINUTE_MS, 10 * MINUTE_MS) as [number, number];
  const { usual } = stolen.customer;
  return [
    { ...stolen, time: first, merchant: shopOnline(DIGITAL, draws.unit()), euros: draws.between(0.3, 1.4) },
    { ...stolen, time: second, merchant: shopOnline(ELECTRONICS, draws.unit()), euros: usual * draws.between(5, 9) },
  ];
}

/** One purchase of 12 to 30 times what is usual for the customer, with their own device. */
function unusualAmount(scene: Scene): Purchase[] {
  const { draws } = scene;
  const own = ownCard(scene);
  return [{ ...own, merchant: shopOnline(ELECTRONICS, draws.unit()), euros: own.customer.usual * draws.between(12, 30) }];
}

/** Cards of 4 to 6 customers on one device that none of them had, 10 to 60 seconds apart. */
function newDevice(scene: Scene): Purchase[] {
  const { draws } = scene;
  const stolen = stolenCard(scene);
  const merchant = shopOnline(ONLINE, draws.unit());
  const victims = new Set([stolen.customer]);
  const count = draws.whole(4, 6);
  while (victims.size < count) victims.add(anyone(scene));
  const times = timesOf(scene, count, 10 * SECOND_MS, MINUTE_MS);
  return [...victims].map((customer, i) => {
    const time = times[i] as number;
    const card = draws.below(customer.cards);
    return { ...stolen, time, customer, card, merchant, euros: customer.usual * draws.between(1, 4) };
  });
}

/** One purchase from a merchant that is to be on a blocklist, with the customer's own device. */
function toBlockedMerchant(scene: Scene): Purchase[] {
  const { draws } = scene;
  const own = ownCard(scene);
  return [{ ...own, merchant: blockedMerchant(draws.unit()), euros: own.customer.usual * draws.between(0.5, 2) }];
}

/** What all purchases with one card have in common. */
type OnlineCard = Omit<Purchase, 'merchant' | 'euros'>;

/** A card that is used with a device and an address of the fraudster's. */
function stolenCard(scene: Scene): OnlineCard {
  const { seed, draws, time, episode } = scene;
  const customer = anyone(scene);
  const card = draws.below(customer.cards);
  const device = strangeDevice(seed, episode);
  return { time, customer, card, declined: undefined, channel: 'online', device, address: addressOf(draws.next()) };
}

/** A card that is used with the customer's own device and address. */
function ownCard(scene: Scene): OnlineCard {
  const { seed, draws, whereabouts, start, time } = scene;
  const customer = anyone(scene);
  const card = draws.below(customer.cards);
  const device = deviceOf(seed, customer.number, draws.below(customer.devices));
  const address = ownAddress(seed, customer, whereabouts.at(customer, time - start));
  return { time, customer, card, declined: undefined, channel: 'online', device, address };
}

/** Times from the episode's on, so far apart. */
function timesOf({ draws, time }: Scene, count: number, least: number, most: number): number[] {
  const times = [time];
  while (times.length < count) times.push((times.at(-1) as number) + draws.whole(least, most));
  return times;
}

/** A customer whose cards are not kept for impossible travel now: see lulls.ts. */
function anyone({ draws, customers, lulls, start, time }: Scene): Customer {
  let customer = customers.at(draws.below(customers.size));
  for (let asked = 1; asked < ASKED && lulls.of(customer, time - start) !== undefined; asked += 1) {
    customer = customers.at(draws.below(customers.size));
  }
  return customer;
}

/** A customer in a shop, none of whose cards is used otherwise within a day. With few customers, there may be none such. */
function someoneInShop({ draws, customers, lulls, whereabouts, time, start }: Scene): { customer: Customer; place: Place } {
  const elapsed = time - start;
  for (let asked = 1; ; asked += 1) {
    const customer = customers.at(draws.below(customers.size));
    const lull = lulls.of(customer, elapsed);
    if (asked < MOST_ASKED && (lull === undefined || lull > 0.5)) continue;
    const place = whereabouts.at(customer, elapsed);
    if (!place.onTheWay || asked >= MOST_ASKED + ASKED) return { customer, place };
  }
}

function cityFarFrom({ latitude, longitude }: Place, draws: Draws): number {
  let number = draws.below(CITIES.length);
  for (;;) {
    const city = cityAt(number);
    if (distanceKm(latitude, longitude, city.latitude, city.longitude) >= LEAP_KM) return number;
    number = (number + 1) % CITIES.length;
  }
}
