import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from './categories.ts';
import { type Transaction, type TransactionOptions, Transactions } from './transactions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function take(options: TransactionOptions, count: number, first = 0): Transaction[] {
  const transactions = new Transactions(options);
  return Array.from({ length: count }, (_, i) => transactions.at(first + i));
}

const timeOf = (transaction: Transaction): number => Date.parse(transaction['@timestamp']);

/** Kilometres between two places, by the arctangent form of the haversine formula. */
function kilometres(a: Transaction, b: Transaction): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const { lat, lon } = a.geo.location;
  const other = b.geo.location;
  const h =
    Math.sin(radians(other.lat - lat) / 2) ** 2 +
    Math.cos(radians(lat)) * Math.cos(radians(other.lat)) * Math.sin(radians(other.lon - lon) / 2) ** 2;
  return 2 * 6371 * Math.atan2(Math.sqrt(h), Math.sqrt(1 - h));
}

function grouped<K>(transactions: readonly Transaction[], keyOf: (transaction: Transaction) => K): Map<K, Transaction[]> {
  const groups = new Map<K, Transaction[]>();
  for (const transaction of transactions) {
    const key = keyOf(transaction);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [transaction]);
    else group.push(transaction);
  }
  return groups;
}

function countBy<K>(transactions: readonly Transaction[], keyOf: (transaction: Transaction) => K): Map<K, number> {
  return new Map([...grouped(transactions, keyOf)].map(([key, group]) => [key, group.length]));
}

describe('transactions', () => {
  it.each([
    { name: 'few', options: {} },
    { name: 'many a second', options: { eventRate: 20_000, customers: 500 } },
    { name: 'many a second, shuffled', options: { eventRate: 3000, outOfOrder: 10_000 } },
    { name: 'few, shuffled, from another time', options: { outOfOrder: 600_000, start: Date.UTC(2025, 10, 29, 13, 7, 3, 5) } },
    { name: 'very few', options: { eventRate: 0.001, customers: 10 } },
  ])('are made from seed and sequence number alone: $name', ({ options }) => {
    const all = take({ ...options, seed: 11, fraud: { velocity: 0.02, probe_then_big: 0.01 } }, 9000);
    const anywhere = new Transactions({ ...options, seed: 11, fraud: { velocity: 0.02, probe_then_big: 0.01 } });
    for (const sequence of [8999, 0, 4711, 2047, 2048, 2049, 1, 8191, 6000, 4096, 4095]) {
      expect(anywhere.at(sequence)).toEqual(all[sequence]);
    }
    expect(take({ ...options, seed: 11, fraud: { velocity: 0.02, probe_then_big: 0.01 } }, 3000, 6000)).toEqual(all.slice(6000));
    expect(all.map(({ event }) => event.sequence)).toEqual(all.map((_, i) => i));
  });

  it('are others for another seed, and the same as ever for the same', () => {
    const text = (seed: number): string => JSON.stringify(take({ seed }, 2500));
    expect(text(2)).not.toBe(text(1));
    // A change here changes every figure that docs and tests derive from generated transactions.
    expect(createHash('sha256').update(text(1)).digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"dfa716a2bd08639b"`);
  });

  it('begin at the start, and their times rise at the event rate', () => {
    const start = Date.UTC(2025, 2, 3);
    // Three weeks of a month without its end.
    const all = take({ start, eventRate: 0.1, fraud: { velocity: 0.05 } }, 0.1 * 21 * 86_400);
    const times = all.map(timeOf);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(start);
    expect(times[0]).toBeLessThan(start + 5 * 60_000);
    expect(Math.abs((times.at(-1) as number) - start - 21 * DAY_MS)).toBeLessThan(10 * 60_000);
  });

  it('come late by less than the bound, and by nearly as much as it', () => {
    const outOfOrder = 10_000;
    const options = { eventRate: 500, fraud: { velocity: 0.05 } };
    const shuffled = take({ ...options, outOfOrder }, 60_000);
    let latest = 0;
    let latestBehind = 0;
    let late = 0;
    for (const time of shuffled.map(timeOf)) {
      latest = Math.max(latest, time);
      latestBehind = Math.max(latestBehind, latest - time);
      if (time < latest) late += 1;
    }
    expect(latestBehind).toBeLessThan(outOfOrder);
    expect(latestBehind).toBeGreaterThan(outOfOrder * 0.95);
    expect(late).toBeGreaterThan(shuffled.length / 2);
  });

  it.each([
    { name: 'over less than a slice', eventRate: 10, outOfOrder: 7000 },
    { name: 'over several slices', eventRate: 2000, outOfOrder: 5000 },
  ])('are the same in any order: $name', ({ eventRate, outOfOrder }) => {
    const options = { eventRate, fraud: { velocity: 0.02, impossible_travel: 0.01 }, start: Date.UTC(2024, 4, 1, 11) };
    const withoutSequence = ({ event: _, ...rest }: Transaction): string => JSON.stringify(rest);
    const ordered = take(options, 50_000).map(withoutSequence);
    const shuffled = take({ ...options, outOfOrder }, 50_000);
    const numberOf = ({ transaction }: Transaction): number => Number(transaction.id.split('-')[2]);
    // At the end, some that are due come later.
    const sorted = shuffled.toSorted((a, b) => numberOf(a) - numberOf(b)).map(withoutSequence);
    const settled = 50_000 - (eventRate * outOfOrder * 3) / 1000;
    expect(sorted.slice(0, settled).join('\n') === ordered.slice(0, settled).join('\n')).toBe(true);
    expect(shuffled.map(withoutSequence).join('\n') === ordered.join('\n')).toBe(false);
  });

  it('have seasons: hours, weekdays, month ends and December', () => {
    // Of November and December.
    const all = take({ start: Date.UTC(2024, 10, 1), customers: 1000 }, 240_000);
    const perDay = countBy(all, (transaction) => transaction['@timestamp'].slice(0, 10));
    const on = (day: string): number => perDay.get(day) ?? 0;
    // Fridays: in November, at its end, and in December.
    expect(on('2024-11-29') / on('2024-11-15')).toBeCloseTo(1.15, 1);
    expect(on('2024-12-13') / on('2024-11-15')).toBeCloseTo(1.25, 1);
    expect(on('2024-11-15') / on('2024-11-17')).toBeCloseTo(1.2 / 0.85, 1);
    const german = all.filter(({ geo, channel }) => geo.country_iso_code === 'DE' && channel === 'pos');
    const perHour = countBy(german, (transaction) => new Date(timeOf(transaction) + HOUR_MS).getUTCHours());
    expect(perHour.get(3) as number).toBeLessThan((perHour.get(12) as number) / 10);
    const part = (month: string, category: string): number => {
      const inMonth = all.filter((transaction) => transaction['@timestamp'].startsWith(month));
      return inMonth.filter(({ merchant }) => merchant.category === category).length / inMonth.length;
    };
    expect(part('2024-12', 'electronics')).toBeGreaterThan(part('2024-11', 'electronics') * 1.3);
  });

  it('have amounts that are log-normal, by category and customer, in the currency of the customer', () => {
    const transactions = new Transactions({ customers: 200, fraud: {} });
    const all = Array.from({ length: 100_000 }, (_, i) => transactions.at(i));
    const customers = new Map(Array.from({ length: 200 }, (_, i) => [`c-${i}`, transactions.customer(i)]));
    expect(all.filter(({ currency, customer }) => currency !== customers.get(customer.id)?.currency)).toEqual([]);
    const logs = all.flatMap(({ amount, customer, merchant }) => {
      const known = customers.get(customer.id);
      return merchant.category === 'grocery' ? [Math.log(amount / (known?.usual.by_category['grocery'] as number))] : [];
    });
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(deviation).toBeGreaterThan(0.4);
    expect(deviation).toBeLessThan(0.46);
    // What the table calls usual is the average of what the customer does.
    const ratios = [...grouped(all, ({ customer }) => customer.id)].map(([id, group]) => {
      const average = group.reduce((sum, { amount }) => sum + amount, 0) / group.length;
      return average / (customers.get(id)?.usual.amount as number);
    });
    expect(Math.min(...ratios)).toBeGreaterThan(0.8);
    expect(Math.max(...ratios)).toBeLessThan(1.35);
    expect([...new Set(all.map(({ currency }) => currency))].toSorted()).toEqual([
      'CAD',
      'CHF',
      'EUR',
      'GBP',
      'PLN',
      'SEK',
      'USD',
    ]);
    expect(countBy(all, ({ merchant }) => merchant.category).size).toBe(CATEGORIES.length);
  });

  it('have devices and addresses only online, and reasons only where declined', () => {
    const all = take({ fraud: {} }, 50_000);
    const misplaced = all.filter(
      ({ channel, device, source, status, reason }) =>
        (device === undefined) === (channel === 'online') ||
        (source === undefined) === (channel === 'online') ||
        (reason === undefined) === (status === 'declined'),
    );
    expect(misplaced).toEqual([]);
    const declined = all.filter(({ status }) => status === 'declined').length / all.length;
    expect(declined).toBeGreaterThan(0.017);
    expect(declined).toBeLessThan(0.023);
    expect([...countBy(all, ({ channel }) => channel).keys()].toSorted()).toEqual(['atm', 'online', 'pos']);
  });

  it('show honest customers who travel, and never faster than an aeroplane', () => {
    // So many a customer that pairs lie within all kinds of ways.
    const all = take({ customers: 10, eventRate: 0.05, fraud: {} }, 200_000);
    let fastest = 0;
    let abroad = 0;
    for (const [, own] of grouped(all, ({ customer }) => customer.id)) {
      for (let i = 1; i < own.length; i += 1) {
        const [before, after] = [own[i - 1], own[i]] as [Transaction, Transaction];
        const distance = kilometres(before, after);
        // What is at one time is at one place.
        const hours = (timeOf(after) - timeOf(before)) / HOUR_MS;
        fastest = Math.max(fastest, distance === 0 ? 0 : distance / hours);
      }
      abroad += new Set(own.filter(({ channel }) => channel === 'pos').map(({ geo }) => geo.city_name)).size - 1;
    }
    expect(fastest).toBeLessThan(1000);
    expect(fastest).toBeGreaterThan(100);
    expect(abroad).toBeGreaterThan(3);
  });
});

describe('customers', () => {
  const size = 3000;
  const transactions = new Transactions({ customers: size, seed: 5 });
  const customers = Array.from({ length: size }, (_, i) => transactions.customer(i));

  it('have cards whose numbers are for tests, pass the check of Luhn, and are theirs alone', () => {
    const cards = customers.flatMap((customer) => customer.cards);
    for (const { number, network } of cards) {
      const prefixes: Record<string, RegExp> = { visa: /^411111\d{10}$/, mastercard: /^555555\d{10}$/, amex: /^378282\d{9}$/ };
      expect(number).toMatch(prefixes[network] as RegExp);
      expect(luhn(number)).toBe(0);
    }
    expect(new Set(cards.map(({ number }) => number)).size).toBe(cards.length);
    expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
    expect(new Set(customers.flatMap(({ devices }) => devices)).size).toBe(customers.flatMap(({ devices }) => devices).length);
  });

  it('are those of the transactions, with their cards and devices', () => {
    const byId = new Map(customers.map((customer) => [customer.id, customer]));
    const all = take({ customers: size, seed: 5, fraud: {} }, 20_000);
    for (const { customer, card, device } of all) {
      const known = byId.get(customer.id);
      expect(known?.cards.find(({ id }) => id === card.id)?.network).toBe(card.network);
      if (device !== undefined) expect(known?.devices).toContain(device.id);
    }
    expect(countBy(all, ({ customer }) => customer.id).size).toBeGreaterThan(size * 0.95);
  });
});

/** The sum of Luhn's check modulo 10: 0 where the number is right. */
function luhn(number: string): number {
  return (
    [...number]
      .toReversed()
      .map((digit, i) => Number(digit) * (i % 2 === 0 ? 1 : 2))
      .reduce((sum, value) => sum + Math.floor(value / 10) + (value % 10), 0) % 10
  );
}
