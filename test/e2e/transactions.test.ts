import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFailed } from 'vitest';
import { FRAUD_KINDS, Transactions } from '../../connectors/generator/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { allDocuments, deleteIndex } from '../support/elasticsearch.ts';
import { type ForeignRecord, readCommitted, topicEndOffsets } from '../support/foreign-reader.ts';
import { writeByKey } from '../support/keyed-records.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { deleteTopicsOf } from '../support/shipment.ts';
import { createTopic, kafkaOfTests } from '../support/topics.ts';
import { type AlertRow, alertsOf, type FindingInput } from '../support/transaction-alerts.ts';
import { withOwnTopics } from '../support/transaction-files.ts';
import { RULES, type RuleInput } from '../support/transaction-rules.ts';
import { eventually } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';

const FOLDER = fileURLToPath(new URL('../../pipelines/transactions/', import.meta.url));
const FILES = ['rules.yaml', 'alerts.yaml', 'elasticsearch.yaml'];
const PARTITIONS = 4;
const COUNT = 4_000;
const CUSTOMERS = 200;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PARTS = 3;

let bench: Workbench;
let name: string;

const brokers = (): string => clusterAddress().brokers;
const timeOf = (one: RuleInput): number => Date.parse(one['@timestamp']);
const writeAll = (topic: string, records: readonly { key: string; value: object }[]): Promise<void> =>
  writeByKey(kafkaOfTests(), `${name}.${topic}`, records);

/** The values of a topic, as Kafka's own client reads them. */
async function values(topic: string): Promise<JsonObject[]> {
  const records = await readCommitted(brokers(), `${name}.${topic}`);
  return records.map(({ value }: ForeignRecord) => JSON.parse(String(value)) as JsonObject);
}

async function lengthOf(topic: string): Promise<number> {
  return [...(await topicEndOffsets(brokers(), `${name}.${topic}`)).values()].reduce((sum, end) => sum + end, 0);
}

/** Waits until a topic gets no more records for a while. */
async function settled(topic: string, quietMs = 4_000): Promise<void> {
  let length = -1;
  let since = Date.now();
  await eventually(
    async () => {
      const now = await lengthOf(topic);
      if (now !== length) since = Date.now();
      length = now;
      return Date.now() - since >= quietMs;
    },
    { what: `${topic} to be complete`, timeout: 90_000, interval: 250 },
  );
}

/** Payments in every partition that nothing is found in, and that let time go on. */
const trailers = (time: number): RuleInput[] =>
  Array.from({ length: 64 }, (_, i) => ({
    ...{ '@timestamp': new Date(time).toISOString(), transaction: { id: `end-${i}` }, customer: { id: `end-${i}` } },
    ...{ card: { id: `end-${i}` }, merchant: { id: `end-${i}` }, amount: 5, currency: 'EUR', amount_eur: 5 },
    ...{ status: 'approved', channel: 'pos', geo: { city_name: 'End', location: { lat: 0, lon: 0 } } },
  }));

const endFindings = (time: number): { key: string; value: FindingInput }[] =>
  Array.from({ length: 32 }, (_, i) => ({
    key: `end-${i}`,
    value: { '@timestamp': new Date(time).toISOString(), rule: { name: 'end' }, score: 0, subject: `end-${i}`, found: null },
  }));

function start(): MillraceProcess {
  const env = {
    ELASTICSEARCH_URL: clusterAddress().elasticsearch,
    ...{ TX_WAIT: '1h', TX_ALERT_WAIT: '30d', TX_ALERTS_INDEX: `${name}-alerts`, TX_FINDINGS_INDEX: `${name}-findings` },
  };
  // A process that was killed counts as a member of its groups for so long.
  const settings = [`kafka.brokers=${brokers()}`, `namespace=${name}`, 'kafka.session_timeout=6s'].flatMap((setting) => [
    '-s',
    setting,
  ]);
  return bench.run([...FILES, ...settings], env);
}

/** Rule, subject and place of each finding, and what was found. */
function foundRow(value: JsonObject): string {
  const { rule, score, subject, transaction, window, found } = value as unknown as FindingInput & { window?: { start: string } };
  return JSON.stringify([rule.name, score, subject, transaction?.id ?? window?.start, Object.entries(found as object).sort()]);
}

async function expectedFindings(all: readonly RuleInput[], made: Transactions): Promise<string[]> {
  const lines = (await readFile(`${FOLDER}blocked-merchants.csv`, 'utf8')).trim().split('\n').slice(1);
  const cells = lines.map((line) => line.split(',') as [string, string, string]);
  const blocked = new Map(cells.map(([id, reason, since]) => [id, { reason, since }]));
  const customers = Array.from({ length: CUSTOMERS }, (_, i) => made.customer(i));
  const usual = new Map(customers.map((customer) => [customer.id, customer.usual.amount]));
  const inOrder = all.toSorted((a, b) => timeOf(a) - timeOf(b));
  return Object.values(RULES)
    .flatMap((rule) => rule(inOrder, { usual, blocked }))
    .map(({ rule, score, subject, at, found }) =>
      JSON.stringify([rule, score, subject, at, Object.entries(found as object).sort()]),
    )
    .sort();
}

interface Told {
  readonly id: string;
  readonly revision: number;
  readonly state: JsonObject;
}

const toldOf = (value: JsonObject): Told => {
  const { id, revision } = value['alert'] as { id: string; revision: number };
  return { id, revision, state: value };
};

/** An alert, in the words of the batch job. */
const wordsOf = ({ subject, status, severity, count, revision, risk, started, at }: AlertRow): string =>
  JSON.stringify([subject, started, revision, status, severity, count, risk.rules, risk.score, at]);

function wordsOfValue(value: JsonObject): string {
  const { status, severity, count, revision, started } = value['alert'] as JsonObject;
  const { rules, score } = value['risk'] as JsonObject;
  return JSON.stringify([value['subject'], started, revision, status, severity, count, rules, score, value['@timestamp']]);
}

describeOnCluster('the transaction pipelines, with kills', () => {
  beforeEach(async () => {
    name = uniqueName('tx');
    bench = await Workbench.create([]);
    for (const file of FILES) await bench.write(file, withOwnTopics(await readFile(FOLDER + file, 'utf8'), name));
    await bench.write('blocked-merchants.csv', await readFile(`${FOLDER}blocked-merchants.csv`));
    await createTopic(`${name}.transactions`, PARTITIONS);
    await createTopic(`${name}.customers`, PARTITIONS, { 'cleanup.policy': 'compact' });
  });

  afterEach(async () => {
    await killAllProcesses();
    await deleteTopicsOf(`${name}.`);
    for (const index of ['alerts', 'findings']) await deleteIndex(clusterAddress().elasticsearch, `${name}-${index}`);
    await bench.dispose();
  });

  it('find what a batch job finds, and raise each alert once, of which Elasticsearch has the last state', {
    timeout: 400_000,
  }, async () => {
    const fraud = Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, 0.01]));
    const made = new Transactions({ seed: 7, customers: CUSTOMERS, outOfOrder: HOUR_MS / 2, fraud });
    const all = Array.from({ length: COUNT }, (_, i) => made.at(i));
    const customers = Array.from({ length: CUSTOMERS }, (_, i) => made.customer(i));
    await writeAll(
      'customers',
      customers.map((value) => ({ key: value.id, value })),
    );
    const processes = [start()];
    onTestFailed(() => showOutput(processes));
    const keyed = (some: readonly RuleInput[]): { key: string; value: RuleInput }[] =>
      some.map((value) => ({ key: value.card.id, value }));
    for (let part = 0; part < PARTS; part += 1) {
      const before = await lengthOf('tx.known').catch(() => 0);
      await writeAll('transactions', keyed(all.slice((part * COUNT) / PARTS, ((part + 1) * COUNT) / PARTS)));
      await eventually(async () => (await lengthOf('tx.known')) > before, { what: 'transactions on their way', timeout: 90_000 });
      if (part === PARTS - 1) break;
      await processes.at(-1)?.kill();
      processes.push(start());
    }
    const end = Math.max(...all.map(timeOf));
    await writeAll('transactions', keyed([...trailers(end + DAY_MS), ...trailers(end + 2 * DAY_MS)]));
    await settled('tx.findings');
    const findings = await values('tx.findings');
    expect(findings.map(foundRow).sort()).toEqual(await expectedFindings(all, made));

    // Alerts wait for all rules; once they have been killed too, time goes on.
    await processes.at(-1)?.kill();
    processes.push(start());
    await writeAll('tx.findings', [...endFindings(end + 40 * DAY_MS), ...endFindings(end + 41 * DAY_MS)]);
    await eventually(async () => (await lengthOf('tx.alerts')) > 0, { what: 'alerts', timeout: 90_000 });
    await processes.at(-1)?.kill();
    processes.push(start());
    const expected = alertsOf(findings as unknown as FindingInput[]);
    const alerts = async (): Promise<JsonObject[]> => [...(await values('tx.alerts')), ...(await values('tx.alerts.urgent'))];
    await eventually(async () => (await alerts()).length >= expected.length, {
      what: 'all alerts',
      timeout: 90_000,
      interval: 500,
    });
    await settled('tx.alerts');
    const told = await alerts();
    expect(told.map(wordsOfValue).sort()).toEqual(expected.map(wordsOf).sort());
    expect(await values('tx.findings.late')).toEqual([]);
    for (const pipeline of ['transactions', 'transactions-alerts', 'transactions-search'])
      expect(await values(`${pipeline}.dead`)).toEqual([]);

    const last = new Map<string, JsonObject>();
    for (const { id, revision, state } of told.map(toldOf))
      if (revision > Number(((last.get(id)?.['alert'] ?? {}) as JsonObject)['revision'] ?? 0)) last.set(id, state);
    const documents = async (): Promise<Map<string, JsonObject>> => {
      const found = new Map<string, JsonObject>();
      for await (const { _id, _source } of allDocuments(clusterAddress().elasticsearch, `${name}-alerts`))
        found.set(_id, _source as JsonObject);
      return found;
    };
    await eventually(
      async () => [...(await documents()).values()].every((one) => (one['alert'] as JsonObject)['status'] === 'resolved'),
      { what: 'the last revision of each alert', timeout: 60_000 },
    );
    expect(await documents()).toEqual(last);
    expect((await processes.at(-1)?.stop())?.code).toBe(0);
  });
});
