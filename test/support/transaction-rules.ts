/**
 * The rules of pipelines/transactions as a batch job: over all transactions at once, in the order of time, with nothing of Millrace.
 */

/** What the rules read of a transaction. */
export interface RuleInput {
  readonly '@timestamp': string;
  readonly transaction: { readonly id: string };
  readonly customer: { readonly id: string };
  readonly card: { readonly id: string };
  readonly merchant: { readonly id: string };
  readonly amount: number;
  readonly currency: string;
  readonly amount_eur: number;
  readonly status: string;
  readonly channel: string;
  readonly device?: { readonly id: string };
  readonly geo: { readonly city_name: string; readonly location: { readonly lat: number; readonly lon: number } };
}

/** Something found: the rule, what is under suspicion, which transaction (or which window) it was, and what was seen. */
export interface Finding {
  readonly rule: string;
  readonly score: number;
  readonly subject: string;
  readonly at: string;
  readonly found: unknown;
}

export interface Known {
  /** Those of the customer table, by customer. */
  readonly usual: ReadonlyMap<string, number>;
  /** Reason and beginning, by merchant. */
  readonly blocked: ReadonlyMap<string, { readonly reason: string; readonly since: string }>;
}

const MINUTE_MS = 60_000;
const timeOf = (one: RuleInput): number => Date.parse(one['@timestamp']);
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
const eurosOf = (list: readonly RuleInput[]): number[] => list.map((one) => one.amount_eur);

function groups(list: readonly RuleInput[], key: (one: RuleInput) => string | undefined): RuleInput[][] {
  const found = new Map<string, RuleInput[]>();
  for (const one of list) {
    const name = key(one);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), one]);
  }
  return [...found.values()];
}

/** Each with those before it in its group, itself among them. */
function withPast(all: readonly RuleInput[], key: (one: RuleInput) => string | undefined): [RuleInput, RuleInput[]][] {
  return groups(all, key).flatMap((group) => group.map((one, i): [RuleInput, RuleInput[]] => [one, group.slice(0, i + 1)]));
}

const within = (past: readonly RuleInput[], of: RuleInput, ms: number): RuleInput[] =>
  past.filter((one) => timeOf(one) >= timeOf(of) - ms);

/** What stands beside a transaction: payments and euros of the last 10 minutes, and payments and mean before it. */
export function featuresOf(all: readonly RuleInput[]): Map<string, [number, number, number, number | undefined]> {
  return new Map(
    withPast(all, (one) => one.card.id).map(([one, past]) => {
      const last = within(past, one, 10 * MINUTE_MS);
      const before = past.slice(0, -1);
      const mean = before.length === 0 ? undefined : rounded(sum(eurosOf(before)) / before.length, 10);
      return [one.transaction.id, [last.length, rounded(sum(eurosOf(last)), 10), before.length, mean]];
    }),
  );
}

function kilometres(a: RuleInput, b: RuleInput): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [from, to] = [a.geo.location, b.geo.location];
  const square = (angle: number): number => Math.sin(angle / 2) ** 2;
  const h =
    square(radians(to.lat - from.lat)) +
    Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * square(radians(to.lon - from.lon));
  return 2 * 6371.0088 * Math.asin(Math.sqrt(h));
}

/** A finding at a transaction, about its card. */
const of = (rule: string, score: number, one: RuleInput, found: unknown): Finding => ({
  rule,
  score,
  subject: one.card.id,
  at: one.transaction.id,
  found,
});

type Rule = (all: readonly RuleInput[], known: Known) => Finding[];

const byCard = (one: RuleInput): string => one.card.id;

export const RULES: Readonly<Record<string, Rule>> = {
  velocity: (all) =>
    withPast(all, byCard).flatMap(([one, past]) => {
      const last = within(past, one, 10 * MINUTE_MS);
      const euros = sum(eurosOf(last));
      const found = { count: last.length, sum_eur: rounded(euros, 2) };
      return last.length >= 6 || (last.length >= 3 && euros > 3000) ? [of('velocity', 60, one, found)] : [];
    }),

  impossible_travel: (all) =>
    withPast(
      all.filter(({ channel }) => channel !== 'online'),
      byCard,
    ).flatMap(([one, past]) => {
      const before = past.at(-2);
      if (before === undefined) return [];
      const ms = timeOf(one) - timeOf(before);
      const km = kilometres(before, one);
      if (ms >= 1440 * MINUTE_MS || km <= 100 || km <= 1000 * (ms / (60 * MINUTE_MS))) return [];
      const found = { from: before.geo.city_name, to: one.geo.city_name, km: Math.round(km) };
      return [of('impossible_travel', 80, one, found)];
    }),

  declined_declined_approved: (all) =>
    withPast(all, byCard).flatMap(([one, past]) => {
      if (one.status !== 'approved') return [];
      const before = past.slice(0, -1);
      const others = before.findLastIndex(({ status }) => status !== 'declined');
      const declined = before.slice(others + 1).filter((each) => timeOf(each) > timeOf(one) - 10 * MINUTE_MS);
      const found = { declined: declined.length, since: declined[0]?.['@timestamp'] };
      return declined.length >= 2 ? [of('declined_declined_approved', 70, one, found)] : [];
    }),

  probe_then_big: (all) =>
    groups(all, byCard).flatMap((card) => {
      let probes: RuleInput[] = [];
      return card.flatMap((one) => {
        probes = probes.filter((probe) => timeOf(one) < timeOf(probe) + 15 * MINUTE_MS);
        const [first] = probes;
        if (first !== undefined && one.amount_eur >= 75) {
          probes = [];
          return [of('probe_then_big', 70, one, { probe_eur: first.amount_eur, probe: first.transaction.id })];
        }
        if (one.amount_eur < 1.5) probes.push(one);
        return [];
      });
    }),

  unusual_amount: (all, { usual }) =>
    all.flatMap((one) => {
      const amount = usual.get(one.customer.id) ?? Number.POSITIVE_INFINITY;
      const found = { times_usual: rounded(one.amount / amount, 1), usual: amount, currency: one.currency };
      return one.amount > 11 * amount ? [of('unusual_amount', 60, one, found)] : [];
    }),

  unusual_for_card: (all) =>
    withPast(all, byCard).flatMap(([one, past]) => {
      const before = eurosOf(past.slice(0, -1));
      const mean = sum(before) / before.length;
      if (before.length < 10 || one.amount_eur <= 10 * mean) return [];
      const found = { times_usual: rounded(one.amount_eur / mean, 1), usual_eur: rounded(mean, 2), payments: before.length };
      return [of('unusual_for_card', 40, one, found)];
    }),

  shared_device: (all) =>
    withPast(all, ({ device }) => device?.id).flatMap(([one, past]) => {
      const last = within(past, one, 60 * MINUTE_MS);
      const customers = new Set(last.map(({ customer }) => customer.id)).size;
      const cards = new Set(last.map(({ card }) => card.id)).size;
      return customers >= 3 ? [of('shared_device', 70, one, { device: one.device?.id, customers, cards })] : [];
    }),

  blocked_merchant: (all, { blocked }) =>
    all.flatMap((one) => {
      const entry = blocked.get(one.merchant.id);
      return entry === undefined ? [] : [of('blocked_merchant', 50, one, entry)];
    }),

  merchant_declines: (all) =>
    groups(all, ({ merchant }) => merchant.id).flatMap((merchant) => {
      const starts = new Set(
        merchant.flatMap((one) => {
          const last = Math.floor(timeOf(one) / (10 * MINUTE_MS)) * 10 * MINUTE_MS;
          return [last, last - 10 * MINUTE_MS, last - 20 * MINUTE_MS];
        }),
      );
      return [...starts].flatMap((start) => {
        const those = merchant.filter((one) => timeOf(one) >= start && timeOf(one) < start + 30 * MINUTE_MS);
        const declined = those.filter(({ status }) => status === 'declined').length;
        const found = { payments: those.length, declined, cards: new Set(those.map(byCard)).size };
        const subject = merchant[0]?.merchant.id as string;
        const at = new Date(start).toISOString();
        return declined >= 3 && declined > those.length / 2 ? [{ rule: 'merchant_declines', score: 50, subject, at, found }] : [];
      });
    }),
};
