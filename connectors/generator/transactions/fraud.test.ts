import { describe, expect, it } from 'vitest';
import {
  BLOCKED_MERCHANT_IDS,
  FRAUD_KINDS,
  type FraudKind,
  type Transaction,
  type TransactionOptions,
  Transactions,
} from '../index.ts';

const MINUTE_MS = 60_000;
const COUNT = 200_000;
const SHARE = 0.004;
const CUSTOMERS = 2000;
const options: TransactionOptions = {
  seed: 3,
  customers: CUSTOMERS,
  fraud: Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, SHARE])),
};
const transactions = new Transactions(options);
const all = Array.from({ length: COUNT }, (_, i) => transactions.at(i));
const customers = new Map(
  Array.from({ length: CUSTOMERS }, (_, i) => {
    const customer = transactions.customer(i);
    return [customer.id, customer];
  }),
);
const honest = all.filter(({ label }) => label?.fraud === false);

const timeOf = (transaction: Transaction): number => Date.parse(transaction['@timestamp']);
const usualOf = (transaction: Transaction): number => customers.get(transaction.customer.id)?.usual.amount as number;
const minutesOf = (episode: readonly Transaction[]): number =>
  (timeOf(episode.at(-1) as Transaction) - timeOf(episode[0] as Transaction)) / MINUTE_MS;
const distinct = (values: readonly unknown[]): number => new Set(values).size;

/** The episodes of a kind that do not go on behind the last transaction. */
function episodesOf(kind: FraudKind, among = all): Transaction[][] {
  const episodes = new Map<string, Transaction[]>();
  for (const transaction of among) {
    const { label } = transaction;
    if (label?.fraud !== true || label.kind !== kind) continue;
    episodes.set(label.episode, [...(episodes.get(label.episode) ?? []), transaction]);
  }
  const end = timeOf(among.at(-1) as Transaction) - 45 * MINUTE_MS;
  return [...episodes.values()].filter((episode) => timeOf(episode[0] as Transaction) < end);
}

/** Kilometres an hour that it would take from one to the other, by the spherical law of cosines. */
function speed(from: Transaction, to: Transaction): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const a = from.geo.location;
  const b = to.geo.location;
  const cosine =
    Math.sin(radians(a.lat)) * Math.sin(radians(b.lat)) +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.cos(radians(b.lon - a.lon));
  return (6371 * Math.acos(Math.min(1, cosine))) / ((timeOf(to) - timeOf(from)) / (60 * MINUTE_MS));
}

describe('injected fraud', () => {
  it.each(FRAUD_KINDS)('has the share that %s is given', (kind) => {
    const found = all.filter(({ label }) => label?.fraud === true && label.kind === kind).length / COUNT;
    // There are 100 episodes and more; their lengths differ by no more than this, on the average.
    expect(found / SHARE).toBeGreaterThan(0.94);
    expect(found / SHARE).toBeLessThan(1.06);
  });

  it.each(FRAUD_KINDS)('has all parts of each episode of %s, numbered in the order of their times', (kind) => {
    const episodes = episodesOf(kind);
    expect(episodes.length).toBeGreaterThan(90);
    for (const episode of episodes) {
      const numbers = episode.map(({ label }) => (label?.fraud === true ? [label.part, label.parts] : []));
      expect(numbers).toEqual(episode.map((_, i) => [i + 1, episode.length]));
    }
  });

  it('has all parts in any order and at any rate', () => {
    for (const more of [{ outOfOrder: 600_000 }, { eventRate: 100 }, { eventRate: 5000, outOfOrder: 2000 }]) {
      const other = new Transactions({ ...options, ...more });
      const some = Array.from({ length: 100_000 }, (_, i) => other.at(i));
      const end = Math.max(...some.slice(-1000).map(timeOf)) - 60 * MINUTE_MS;
      const parts = new Map<string, number[]>();
      for (const transaction of some) {
        const { label } = transaction;
        if (label?.fraud !== true) continue;
        parts.set(label.episode, [...(parts.get(label.episode) ?? Array.from({ length: label.parts }, () => 0))]);
        const seen = parts.get(label.episode) as number[];
        seen[label.part - 1] = (seen[label.part - 1] as number) + 1;
      }
      const begun = new Set(some.flatMap((one) => (one.label?.fraud === true && timeOf(one) < end ? [one.label.episode] : [])));
      for (const [episode, seen] of parts) {
        expect(Math.max(...seen), episode).toBe(1);
        if (begun.has(episode)) expect(Math.min(...seen), episode).toBe(1);
      }
    }
  });

  it('lies among other transactions', () => {
    const { label: _, ...first } = (episodesOf('velocity')[3] as Transaction[])[0] as Transaction;
    const [from, to] = [first.event.sequence, first.event.sequence + 50];
    expect(all.slice(from, to).filter(({ label }) => label?.fraud === false).length).toBeGreaterThan(20);
  });

  it('velocity: 6 to 10 small purchases with one card within 5 minutes', () => {
    for (const episode of episodesOf('velocity')) {
      expect(episode.length).toBeGreaterThanOrEqual(6);
      expect(episode.length).toBeLessThanOrEqual(10);
      expect(minutesOf(episode)).toBeLessThan(5);
      expect(distinct(episode.map(({ card }) => card.id))).toBe(1);
      expect(Math.max(...episode.map(({ amount_eur }) => amount_eur))).toBeLessThanOrEqual(15);
    }
  });

  it('impossible_travel: two places with one card, faster than any aeroplane', () => {
    for (const [first, second, ...rest] of episodesOf('impossible_travel') as [Transaction, Transaction][]) {
      expect(rest).toEqual([]);
      expect(first.card.id).toBe(second.card.id);
      expect([first.channel, second.channel]).toEqual(['pos', 'pos']);
      expect(speed(first, second)).toBeGreaterThan(1900);
    }
  });

  it('declined_declined_approved: at least two declined and then one that is not, with one card within 4 minutes', () => {
    for (const episode of episodesOf('declined_declined_approved')) {
      const statuses = episode.map(({ status }) => status);
      expect(statuses.length).toBeGreaterThanOrEqual(3);
      expect(statuses.at(-1)).toBe('approved');
      expect(distinct(statuses.slice(0, -1))).toBe(1);
      expect(statuses[0]).toBe('declined');
      expect(minutesOf(episode)).toBeLessThanOrEqual(4);
      expect(distinct(episode.map(({ card }) => card.id))).toBe(1);
    }
  });

  it('probe_then_big: next to nothing, then much more than usual within 10 minutes', () => {
    for (const [probe, big] of episodesOf('probe_then_big') as [Transaction, Transaction][]) {
      expect(probe.amount_eur).toBeLessThan(1.5);
      expect(big.amount).toBeGreaterThan(usualOf(big) * 4.9);
      expect(minutesOf([probe, big])).toBeGreaterThanOrEqual(1);
      expect(minutesOf([probe, big])).toBeLessThanOrEqual(10);
      expect(probe.card.id).toBe(big.card.id);
    }
    expect(honest.filter(({ amount_eur }) => amount_eur < 2)).toEqual([]);
  });

  it('unusual_amount: more than honest customers ever spend', () => {
    for (const [one] of episodesOf('unusual_amount') as [Transaction][]) expect(one.amount / usualOf(one)).toBeGreaterThan(11.9);
    expect(honest.filter((one) => one.amount / usualOf(one) >= 11)).toEqual([]);
  });

  it('new_device: a device that was never seen, with cards of several customers within 5 minutes', () => {
    const devices = new Set([...customers.values()].flatMap((customer) => customer.devices));
    for (const episode of episodesOf('new_device')) {
      expect(distinct(episode.map(({ device }) => device?.id))).toBe(1);
      expect(devices.has(episode[0]?.device?.id as string)).toBe(false);
      expect(distinct(episode.map(({ customer }) => customer.id))).toBe(episode.length);
      expect(episode.length).toBeGreaterThanOrEqual(4);
      expect(minutesOf(episode)).toBeLessThanOrEqual(5);
    }
    const cards = new Map<string, Set<string>>();
    for (const { device, customer, label } of all) {
      if (device === undefined || (label?.fraud === true && label.kind === 'new_device')) continue;
      cards.set(device.id, (cards.get(device.id) ?? new Set()).add(customer.id));
    }
    expect(Math.max(...[...cards.values()].map(({ size }) => size))).toBe(1);
  });

  it('blocked_merchant: where honest customers never are', () => {
    for (const [one] of episodesOf('blocked_merchant') as [Transaction][])
      expect(BLOCKED_MERCHANT_IDS).toContain(one.merchant.id);
    expect(honest.filter(({ merchant }) => BLOCKED_MERCHANT_IDS.includes(merchant.id))).toEqual([]);
    expect(BLOCKED_MERCHANT_IDS).toEqual(['m-60000', 'm-60001', 'm-60002', 'm-60003', 'm-60004']);
  });

  it('is not what honest customers do, who pay four times a day', () => {
    const byCard = new Map<string, Transaction[]>();
    let bursts = 0;
    let tests = 0;
    for (const transaction of honest) {
      const own = byCard.get(transaction.card.id) ?? [];
      byCard.set(transaction.card.id, own);
      own.push(transaction);
      const within = (count: number, minutes: number): readonly Transaction[] => {
        const last = own.slice(-count);
        return last.length === count && minutesOf(last) <= minutes ? last : [];
      };
      if (within(6, 5).length > 0) bursts += 1;
      if (/^declined,declined,approved$/.test(String(within(3, 4).map(({ status }) => status)))) tests += 1;
    }
    expect([bursts, tests]).toEqual([0, 0]);
    expect(Math.max(...[...byCard.values()].map(({ length }) => length))).toBeGreaterThan(50);
  });

  it('is all that a rule for impossible travel finds, card by card', () => {
    const last = new Map<string, Transaction>();
    const found: Transaction[] = [];
    let pairs = 0;
    for (const transaction of all) {
      const before = last.get(transaction.card.id);
      last.set(transaction.card.id, transaction);
      if (before === undefined) continue;
      pairs += 1;
      const { lat, lon } = before.geo.location;
      const here = transaction.geo.location;
      // The law of cosines is good for a few metres only.
      const apart = Math.abs(lat - here.lat) + Math.abs(lon - here.lon) > 0.5;
      if (apart && (timeOf(before) === timeOf(transaction) || speed(before, transaction) > 1000)) found.push(transaction);
    }
    expect(pairs).toBeGreaterThan(COUNT / 2);
    const kinds = found.map(({ label }) => label?.fraud === true && label.kind);
    expect(new Set(kinds)).toEqual(new Set(['impossible_travel']));
    const second = all.filter(({ label }) => label?.fraud === true && label.kind === 'impossible_travel' && label.part === 2);
    const missed = second.filter((transaction) => !found.includes(transaction));
    // Another episode on the same card may have been where the second part of this one is.
    expect(missed.length).toBeLessThan(second.length / 50);
  });

  it('is not told from honest transactions where labels are left out', () => {
    const plain = new Transactions({ ...options, labels: false });
    for (let i = 0; i < 5000; i += 1) {
      const { label: _, ...rest } = all[i] as Transaction;
      expect(plain.at(i)).toEqual(rest);
    }
  });

  it('may be a tenth of all, and none', () => {
    const tenth = new Transactions({ customers: 100, eventRate: 50, fraud: { velocity: 0.1 } });
    let found = 0;
    for (let i = 0; i < 100_000; i += 1) if (tenth.at(i).label?.fraud === true) found += 1;
    expect(found / 10_000).toBeGreaterThan(0.9);
    expect(found / 10_000).toBeLessThan(1.1);
    const none = new Transactions({ fraud: {} });
    for (let i = 0; i < 20_000; i += 1) expect(none.at(i).label).toEqual({ fraud: false });
  });
});
