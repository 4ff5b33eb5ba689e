import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import rdkafka, { type Producer } from 'node-rdkafka';
import { Transactions } from '../../connectors/generator/index.ts';
import { createKafka } from '../../src/kafka/index.ts';
import { type BatchConsumer, Offset } from '../../src/kafka/types.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { freePorts } from '../support/slots.ts';
import { withOwnTopics } from '../support/transaction-files.ts';
import { connected, disconnected } from './bare-clients.ts';
import type { BenchSite } from './bench-site.ts';
import type { BenchOptions } from './options.ts';
import { percentile } from './statistics.ts';
import type { Finding } from './steady.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, 'pipelines', 'transactions');
const CUSTOMERS = 50_000;
/** A pipeline that has just begun still compiles and settles: alerts of this time are not counted. */
const SETTLE_MS = 20_000;
const LAST_ALERTS_MS = 15_000;
const START_MS = 90_000;
const TICK_MS = 5;
const READ_WAIT_MS = 50;
const TARGET_MS = 1_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A topic that is read as its records are committed, and what is looked for in it. */
interface Watched {
  readonly topic: string;
  readonly partitions: number;
  /** The id of the transaction that a record was made of; undefined: it does not count. */
  transactionOf(value: JsonObject): string | undefined;
}

const idOf = (transaction: unknown): string | undefined => (transaction as { id?: string } | undefined)?.id;

/**
 * From a transaction to what the pipelines of pipelines/transactions make of it, as `millrace run` runs them with their defaults:
 * made-up transactions in order, at a fixed rate, whose time is the clock's.
 */
export async function ruleLatency(site: BenchSite, options: BenchOptions, say: (line: string) => void): Promise<Finding> {
  const prefix = site.prefix;
  const [transactions, customers] = [await site.createTopic('transactions'), await site.createTopic('customers')];
  const files = await writeFiles(site);
  const made = new Map<string, number>();
  const world = new Transactions({ customers: CUSTOMERS, start: Date.now(), eventRate: options.rate });
  await writeAll(site, customers, world);
  const pipelines = await start(site, files, options.set);
  const watched: Record<string, Watched> = {
    findings: {
      topic: `${prefix}.tx.findings`,
      partitions: options.partitions,
      transactionOf: ({ transaction }) => idOf(transaction),
    },
    alerts: {
      topic: `${prefix}.tx.alerts`,
      partitions: options.partitions,
      transactionOf: ({ alert, last }) =>
        (alert as JsonObject)['status'] === 'open' ? ((last as JsonObject)['transaction'] as string | undefined) : undefined,
    },
  };
  try {
    say(`${options.rate} transactions a second for ${options.seconds} s`);
    let readUntil = Number.POSITIVE_INFINITY;
    const from = Date.now() + SETTLE_MS;
    const reading = Object.entries(watched).map(async ([name, one]) => ({
      name,
      taken: await latencies(site, one, { made, from, done: () => Date.now() > readUntil }),
    }));
    await produce(site, transactions, {
      ...{ rate: options.rate, ms: SETTLE_MS + options.seconds * 1_000, seed: world },
      note: (id, now) => made.set(id, now),
    });
    readUntil = Date.now() + LAST_ALERTS_MS;
    return report(options.rate, await Promise.all(reading));
  } finally {
    pipelines.kill('SIGTERM');
    await once(pipelines, 'close');
  }
}

function report(rate: number, measured: readonly { readonly name: string; readonly taken: readonly number[] }[]): Finding {
  const json: Record<string, unknown> = { job: 'latency-rules', transactions_per_s: rate };
  const texts = measured.map(({ name, taken }) => {
    if (taken.length === 0) throw new Error(`no ${name} came`);
    const [p50, p95, p99] = [percentile(taken, 0.5), percentile(taken, 0.95), percentile(taken, 0.99)];
    json[name] = { results: taken.length, p50_ms: p50, p95_ms: p95, p99_ms: p99 };
    const target = name === 'alerts' ? ` (target p99 ${TARGET_MS} ms: ${p99 < TARGET_MS ? 'reached' : 'MISSED'})` : '';
    return `latency-rules, ${name}: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms over ${taken.length}${target}`;
  });
  return { json, text: texts.join('\n') };
}

/** The pipelines, with names of topics that nobody else uses. */
async function writeFiles(site: BenchSite): Promise<string[]> {
  const folder = join(site.directory, 'rules');
  await mkdir(folder, { recursive: true });
  await cp(join(FOLDER, 'blocked-merchants.csv'), join(folder, 'blocked-merchants.csv'));
  return Promise.all(
    ['rules.yaml', 'alerts.yaml'].map(async (name) => {
      await writeFile(join(folder, name), withOwnTopics(await readFile(join(FOLDER, name), 'utf8'), site.prefix));
      return join(folder, name);
    }),
  );
}

/** Settles when all components are at work. */
async function start(site: BenchSite, files: readonly string[], set: readonly string[]): Promise<ChildProcess> {
  const port = await freePorts(1);
  const settings = [
    `kafka.brokers=${site.brokers}`,
    `namespace=${site.prefix}`,
    `data_directory=${join(site.directory, 'data', 'rules')}`,
    ...['host=bench', `admin.port=${port}`, 'log.level=warn'],
    ...set,
  ];
  const args = ['run', ...files, ...settings.flatMap((setting) => ['-s', setting])];
  const child = spawn(process.execPath, [join(ROOT, 'src', 'cli', 'bin.cjs'), ...args], {
    cwd: site.directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const limit = performance.now() + START_MS;
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error('the pipelines ended; see what they printed above');
    if (performance.now() > limit) throw new Error(`the pipelines have not started within ${START_MS / 1_000} s`);
    await sleep(READ_WAIT_MS);
  }
  return child;
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

async function writeAll(site: BenchSite, topic: string, world: Transactions): Promise<void> {
  const producer = producerOf(site);
  await connected(producer);
  for (let number = 0; number < CUSTOMERS; number += 1) {
    const customer = world.customer(number);
    producer.produce(topic, null, Buffer.from(JSON.stringify(customer)), customer.id);
    if (number % 1_000 === 0) await sleep(TICK_MS);
    producer.poll();
  }
  await disconnected(producer);
}

const producerOf = (site: BenchSite): Producer =>
  new rdkafka.Producer({
    'metadata.broker.list': site.brokers,
    'compression.codec': 'lz4',
    'queue.buffering.max.messages': 1_000_000,
  });

/** Transactions at a fixed rate, each of the time at which it is written. */
async function produce(
  site: BenchSite,
  topic: string,
  load: { rate: number; ms: number; seed: Transactions; note: (id: string, now: number) => void },
): Promise<void> {
  const producer = producerOf(site);
  await connected(producer);
  const began = Date.now();
  let next = 0;
  for (let now = began; now < began + load.ms; now = Date.now()) {
    for (const due = Math.floor(((now - began) * load.rate) / 1_000); next < due; next += 1) {
      const one = { ...load.seed.at(next), '@timestamp': new Date(now).toISOString() };
      load.note(one.transaction.id, now);
      producer.produce(topic, null, Buffer.from(JSON.stringify(one)), one.card.id);
    }
    producer.poll();
    await sleep(TICK_MS);
  }
  await disconnected(producer);
}

/** How long after its transaction was made each record came, in ms, of transactions made at `from` or later. */
async function latencies(
  site: BenchSite,
  { topic, partitions, transactionOf }: Watched,
  at: { made: ReadonlyMap<string, number>; from: number; done: () => boolean },
): Promise<number[]> {
  const connection = { brokers: site.brokers, clientId: 'millrace-bench', options: {} };
  const consumer: BatchConsumer = createKafka(connection, { batches: 'auto', log: silent, clock: systemClock }).consumer({});
  await consumer.connect();
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: Offset.beginning })));
  const taken: number[] = [];
  try {
    while (!at.done()) {
      const { batch } = await consumer.read({ maxRecords: 4_096, maxBytes: 1_000_000, timeoutMs: READ_WAIT_MS });
      const now = Date.now();
      for (let row = 0; row < batch.length; row += 1) {
        const made = at.made.get(transactionOf(batch.valueJson(row) as JsonObject) ?? '');
        if (made !== undefined && made >= at.from) taken.push(now - made);
      }
    }
    return taken;
  } finally {
    await consumer.close();
  }
}
