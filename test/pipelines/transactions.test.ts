import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOCKED_MERCHANT_IDS, FRAUD_KINDS, type Transaction, Transactions } from '../../connectors/generator/index.ts';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import { registry } from '../golden/registry.ts';
import { writeByKey } from '../support/keyed-records.ts';
import { Stages } from '../support/stages.ts';
import type { FindingInput } from '../support/transaction-alerts.ts';
import { type Finding, featuresOf, type Known, RULES, type RuleInput } from '../support/transaction-rules.ts';
import { Workbench } from '../support/workbench.ts';

const FOLDER = fileURLToPath(new URL('../../pipelines/transactions/', import.meta.url));
const SPARKOV = resolve('../shared/data/tx/sparkov/transactions.csv');
const COUNT = 8000;
const CUSTOMERS = 400;
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/** A file of pipelines/transactions, whose external topics have as many partitions as its own. */
function pipelineOf(file: string, variables: Readonly<Record<string, string>>): Pipeline {
  const loaded = loadPipeline(FOLDER + file, registry, { variables, readFile: (path) => readFileSync(path, 'utf8') });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  const { pipeline } = loaded;
  return { ...pipeline, topics: pipeline.topics.map((topic) => (topic.external ? { ...topic, partitions: 4 } : topic)) };
}

const generated = (outOfOrder: number): { all: Transaction[]; made: Transactions } => {
  const fraud = Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, 0.01]));
  const made = new Transactions({ seed: 5, customers: CUSTOMERS, outOfOrder, fraud });
  return { made, all: Array.from({ length: COUNT }, (_, i) => made.at(i)) };
};

const timeOf = (one: RuleInput): number => Date.parse(one['@timestamp']);
const inOrder = (all: readonly RuleInput[]): RuleInput[] => all.toSorted((a, b) => timeOf(a) - timeOf(b));
const keyed = (all: readonly RuleInput[]): { key: string; value: object }[] =>
  all.map((value) => ({ key: value.card.id, value }));

/** Payments of cards in every partition, that nothing is found in, and that let time go on. */
const trailers = (time: number): RuleInput[] =>
  Array.from({ length: 64 }, (_, i) => ({
    ...{ '@timestamp': new Date(time).toISOString(), transaction: { id: `end-${i}` }, customer: { id: `end-${i}` } },
    ...{ card: { id: `end-${i}` }, merchant: { id: `end-${i}` }, amount: 5, currency: 'EUR', amount_eur: 5 },
    ...{ status: 'approved', channel: 'pos', geo: { city_name: 'End', location: { lat: 0, lon: 0 } } },
  }));

/** Runs rules.yaml over transactions, until all of them have been through. */
async function findings(all: readonly RuleInput[], wait: string, customers: readonly JsonObject[] = []): Promise<Stages> {
  const stages = new Stages(pipelineOf('rules.yaml', { TX_WAIT: wait }));
  // Times that are far ahead of the clock are refused.
  await stages.clock.advance(Math.max(...all.map(timeOf)) + 5 * DAY_MS - stages.clock.now());
  await writeByKey(
    stages.kafka,
    'customers',
    customers.map((value) => ({ key: value['id'] as string, value })),
  );
  const end = Math.max(...all.map(timeOf));
  await writeByKey(stages.kafka, 'transactions', keyed([...all, ...trailers(end + 2 * DAY_MS), ...trailers(end + 4 * DAY_MS)]));
  const run = await stages.start();
  await stages.clock.advanceUntil(() => stages.values('tx.known').length >= all.length + 64);
  await stages.clock.advance(10_000);
  await stages.end(run);
  expect(stages.kafka.values('ns.transactions.dead')).toEqual([]);
  // alerts.yaml relies on it.
  for (const { key, value } of stages.kafka.committed('tx.findings'))
    expect(String(key)).toBe((JSON.parse(String(value)) as FindingInput).subject);
  return stages;
}

const nameOf = (finding: JsonObject): string => (finding['rule'] as JsonObject)['name'] as string;

function rowOf(finding: JsonObject): Finding {
  const { score, subject, transaction, window, found } = finding as JsonObject & { score: number; subject: string };
  const at = (transaction as JsonObject | undefined)?.['id'] ?? (window as JsonObject)['start'];
  return { rule: nameOf(finding), score, subject, at: at as string, found };
}

const sorted = (rows: readonly Finding[]): Finding[] =>
  rows.toSorted((a, b) => (`${a.rule} ${a.at} ${a.subject}` < `${b.rule} ${b.at} ${b.subject}` ? -1 : 1));

const foundBy = (stages: Stages, rule: string): Finding[] =>
  sorted(stages.values('tx.findings').flatMap((each) => (nameOf(each) === rule ? [rowOf(each)] : [])));

const usualOf = (value: JsonObject, name: string, field: string): number | undefined => {
  const found = (value[name] as JsonObject)[field] as number | undefined;
  return found === undefined ? undefined : Math.round(found * 1e10) / 1e10;
};

/** What stands beside each transaction, by its id. */
const features = (stages: Stages): Map<string, unknown> =>
  new Map(
    stages.values('tx.known').flatMap((value) => {
      const id = (value['transaction'] as JsonObject)['id'] as string;
      const [count, euros] = [usualOf(value, 'velocity', 'count'), usualOf(value, 'velocity', 'sum_eur')];
      const [before, mean] = [usualOf(value, 'usual', 'count'), usualOf(value, 'usual', 'amount_eur')];
      return id.startsWith('end-') ? [] : [[id, [count, euros, before, mean]]];
    }),
  );

function blockedOf(path: string): Known['blocked'] {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  const cells = lines.map((line) => line.split(',') as [string, string, string]);
  return new Map(cells.map(([id, reason, since]) => [id, { reason, since }]));
}

describe.each([
  ['in order', 0],
  ['shuffled within wait', 30 * MINUTE_MS],
])('the rules over made-up transactions, %s', async (_name, outOfOrder) => {
  const { all, made } = generated(outOfOrder);
  const customers = Array.from({ length: CUSTOMERS }, (_, i) => made.customer(i));
  const usual = new Map(customers.map(({ id, usual: { amount } }) => [id, amount]));
  const known = { usual, blocked: blockedOf(`${FOLDER}blocked-merchants.csv`) };
  const expected = inOrder(all);
  let stages: Stages;

  it('know what each card did before', { timeout: 300_000 }, async () => {
    expect(all.some((one, i) => timeOf(one) < timeOf(all[i - 1] ?? one))).toBe(outOfOrder > 0);
    stages = await findings(all, `${outOfOrder}ms`, customers as unknown as JsonObject[]);
    expect(features(stages)).toEqual(featuresOf(expected));
  });

  it.each(Object.entries(RULES))('%s finds what a batch job finds', (name, rule) => {
    const rows = rule(expected, known);
    expect(rows.length).toBeGreaterThan(3);
    expect(foundBy(stages, name)).toEqual(sorted(rows));
  });

  /** The transactions at which a rule is to find a kind of fraud: those of the parts from `part` on (negative: from the last). */
  const labelled = (kind: string, part: (part: number, parts: number) => boolean): string[] =>
    all.flatMap(({ label, transaction }) =>
      label?.fraud === true && label.kind === kind && part(label.part, label.parts) ? [transaction.id] : [],
    );

  it.each([
    ['blocked_merchant', 'blocked_merchant', (): boolean => true],
    ['unusual_amount', 'unusual_amount', (): boolean => true],
    ['velocity', 'velocity', (part: number): boolean => part >= 6],
    ['declined_declined_approved', 'declined_declined_approved', (part: number, parts: number): boolean => part === parts],
    ['impossible_travel', 'impossible_travel', (part: number): boolean => part === 2],
    ['shared_device', 'new_device', (part: number): boolean => part >= 3],
  ])('%s finds what was put in as %s', (rule, kind, part) => {
    const put = new Set(labelled(kind, part));
    const found = new Set(foundBy(stages, rule).map(({ at }) => at));
    expect(put.size).toBeGreaterThan(3);
    // Two kinds of fraud on one card may meet other rules too, which an honest payment never does.
    const honest = new Set(all.flatMap((one) => (one.label?.fraud === true ? [] : [one.transaction.id])));
    expect([...found].filter((id) => honest.has(id))).toEqual([]);
    expect([...put].filter((id) => !found.has(id))).toEqual([]);
  });
});

/** A line of Sparkov: quoted names have commas, and some transactions have the same number. */
function sparkovLine(line: string, row: number): RuleInput {
  const cells = [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map((match) => match[1] ?? (match[2] as string));
  const [id, seconds, card, customer, , amount, , merchant, lat, lon, city] = cells as string[];
  const euros = Number(amount);
  return {
    ...{ '@timestamp': new Date(Number(seconds) * 1000).toISOString(), transaction: { id: `${row}-${id}` } },
    ...{ customer: { id: customer as string }, card: { id: card as string }, merchant: { id: merchant as string } },
    ...{ amount: euros, currency: 'USD', amount_eur: euros, status: 'approved', channel: 'pos' },
    geo: { city_name: city as string, location: { lat: Number(lat), lon: Number(lon) } },
  };
}

describe.skipIf(!existsSync(SPARKOV))('the rules over transactions of Sparkov', () => {
  it('find what a batch job finds, shuffled', { timeout: 300_000 }, async () => {
    const all = readFileSync(SPARKOV, 'utf8').trim().split('\n').slice(1).map(sparkovLine);
    const arrival = new Map(all.map((one, i) => [one, timeOf(one) + ((i * 7919) % 3600) * 1000]));
    const shuffled = all.toSorted((a, b) => (arrival.get(a) as number) - (arrival.get(b) as number));
    const stages = await findings(shuffled, '1h');
    const expected = inOrder(shuffled);
    expect(features(stages)).toEqual(featuresOf(expected));
    const known = { usual: new Map<string, number>(), blocked: new Map() };
    let found = 0;
    for (const [name, rule] of Object.entries(RULES)) {
      const rows = rule(expected, known);
      found += rows.length;
      expect(foundBy(stages, name), name).toEqual(sorted(rows));
    }
    expect(found).toBeGreaterThan(0);
  });
});

describe('the blocklist', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = await Workbench.create([]);
  });
  afterEach(() => bench.dispose());

  it('may be changed while the rules run', async () => {
    const path = await bench.write('blocked.csv', `merchant,reason,since\n${BLOCKED_MERCHANT_IDS[0]},fraud,2024-01-01\n`);
    const stages = new Stages(pipelineOf('rules.yaml', { TX_WAIT: '0s', TX_BLOCKLIST: path }));
    await stages.clock.advance(DAY_MS);
    const run = await stages.start();
    const begin = Date.UTC(2024, 0, 1);
    const pay = async (minutes: number): Promise<void> => {
      const one = trailers(begin + minutes * MINUTE_MS)[7] as RuleInput;
      const transaction = { id: `pay-${minutes}` };
      const [a, b] = BLOCKED_MERCHANT_IDS.slice(0, 2) as [string, string];
      const both = [a, b].map((id) => ({ ...one, transaction, merchant: { id } }));
      await writeByKey(stages.kafka, 'transactions', keyed([...both, ...trailers(begin + minutes * MINUTE_MS + 1)]));
      await stages.clock.advance(6_000);
    };
    await pay(1);
    await writeFile(`${path}.new`, `merchant,reason,since\n${BLOCKED_MERCHANT_IDS[1]},chargebacks,2024-01-02\n`);
    await rename(`${path}.new`, path);
    // It is read when it was the same at two looks.
    for (const minutes of [20, 40, 60, 80]) await pay(minutes);
    await stages.end(run);
    const rows = foundBy(stages, 'blocked_merchant');
    expect(rows.find(({ at }) => at === 'pay-1')?.found).toEqual({ reason: 'fraud', since: '2024-01-01' });
    expect(rows.filter(({ at }) => at === 'pay-80').map(({ found }) => found)).toEqual([
      { reason: 'chargebacks', since: '2024-01-02' },
    ]);
  });
});
