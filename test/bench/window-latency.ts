import { setTimeout as sleep } from 'node:timers/promises';
import rdkafka, { type Producer } from 'node-rdkafka';
import { createKafka } from '../../src/kafka/index.ts';
import { type BatchConsumer, Offset } from '../../src/kafka/types.ts';
import { toIso } from '../../src/record/iso-time.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { connected, disconnected } from './bare-clients.ts';
import type { BenchSite } from './bench-site.ts';
import { MeasuredChild } from './children.ts';
import type { BenchOptions } from './options.ts';
import type { SteadyReport } from './pipeline-child.ts';
import { type BenchPipeline, childConfig } from './pipelines.ts';
import { percentile } from './statistics.ts';
import type { Finding } from './steady.ts';

const DELIVERIES = ['at_least_once', 'exactly_once'] as const;
type Delivery = (typeof DELIVERIES)[number];

const RECORDS_PER_SECOND = 20_000;
const KEYS = 1_000;
const WINDOW_MS = 1_000;
/** Records are made in blocks: this often, in ms. */
const TICK_MS = 5;
const READ_WAIT_MS = 100;
/** A pipeline that has just begun still compiles and settles: results of this time are not counted. */
const SETTLE_MS = 10_000;
const START_MS = 120_000;
const LAST_RESULTS_MS = 10_000;
const TARGET_MS = 500;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

function counting(name: string, at: { from: string; to: string; delivery: Delivery }): BenchPipeline {
  const [from, to] = [JSON.stringify(at.from), JSON.stringify(at.to)];
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    `  ${from}: { external: true }`,
    `  ${to}: { external: true }`,
    'streams:',
    '  work:',
    `    from: ${from}`,
    `    delivery: ${at.delivery}`,
    '    wait: 0s',
    `    steps: [ { window: { tumbling: ${WINDOW_MS}ms, by: [ $key ], compute: { records: count(), bytes: sum(bytes) } } } ]`,
    `    to: ${to}`,
  ];
  return { yaml: yaml.join('\n'), component: 'work' };
}

/** Records at a fixed rate whose event time is now, and when each partition's first record behind the end of each window was made. */
class Load {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #partitions: number;
  /** By partition and the end of a window, in ms since 1970. */
  readonly #passed: Map<number, number>[];
  #next = 0;

  constructor(brokers: string, topic: string, partitions: number) {
    this.#producer = new rdkafka.Producer({ 'metadata.broker.list': brokers, 'compression.codec': 'lz4' });
    this.#topic = topic;
    this.#partitions = partitions;
    this.#passed = Array.from({ length: partitions }, () => new Map<number, number>());
  }

  /** When the window that ends at `end` was passed in the partition of this key. */
  passedAt(key: number, end: number): number | undefined {
    return this.#passed[key % this.#partitions]?.get(end);
  }

  async run(ms: number): Promise<void> {
    await connected(this.#producer);
    const began = Date.now();
    const first = this.#next;
    for (let now = began; now < began + ms; now = Date.now()) {
      const due = first + Math.floor(((now - began) * RECORDS_PER_SECOND) / 1_000);
      while (this.#next < due) this.#produce(now);
      this.#producer.poll();
      await sleep(TICK_MS);
    }
    await disconnected(this.#producer);
  }

  #produce(now: number): void {
    const key = this.#next % KEYS;
    const partition = key % this.#partitions;
    const value = `{"@timestamp":"${toIso(now)}","user":{"id":"user-${key}"},"status":200,"bytes":${this.#next % 50_000}}`;
    this.#producer.produce(this.#topic, partition, Buffer.from(value), String(key));
    this.#next += 1;
    const end = Math.floor(now / WINDOW_MS) * WINDOW_MS;
    const passed = this.#passed[partition] as Map<number, number>;
    if (!passed.has(end)) passed.set(end, now);
  }
}

interface Result {
  readonly key: string;
  readonly pane: string;
  readonly window: { readonly end: string };
}

/** Reads results, as they are committed, until `done`; gives the latency of each in ms, of windows that end at `from` or later. */
async function latencies(consumer: BatchConsumer, load: Load, at: { from: number; done: () => boolean }): Promise<number[]> {
  const taken: number[] = [];
  while (!at.done()) {
    const { batch } = await consumer.read({ maxRecords: 4_096, maxBytes: 1_000_000, timeoutMs: READ_WAIT_MS });
    const now = Date.now();
    for (let row = 0; row < batch.length; row += 1) {
      const { key, pane, window } = batch.valueJson(row) as unknown as Result;
      const end = Date.parse(window.end);
      const passed = load.passedAt(Number(key), end);
      if (pane === 'on_time' && passed !== undefined && end >= at.from) taken.push(now - passed);
    }
  }
  return taken;
}

async function measured(site: BenchSite, options: BenchOptions, delivery: Delivery): Promise<number[]> {
  const name = `latency-${delivery.replaceAll('_', '-')}`;
  const [from, to] = [await site.createTopic(`${name}-in`), await site.createTopic(`${name}-out`)];
  const config = await childConfig(site, counting(name, { from, to, delivery }), { name, once: false, set: options.set });
  const child = new MeasuredChild<SteadyReport>('pipeline-child', config);
  const kafka = createKafka(
    { brokers: site.brokers, clientId: 'millrace-bench', options: {} },
    { batches: 'auto', log: silent, clock: systemClock },
  );
  const consumer = kafka.consumer({});
  try {
    const limit = performance.now() + START_MS;
    while (!(await child.ask()).running) {
      if (performance.now() > limit) throw new Error(`${name}: the pipeline has not started within ${START_MS / 1_000} s`);
      await sleep(READ_WAIT_MS);
    }
    await consumer.connect();
    consumer.assign(
      Array.from({ length: options.partitions }, (_, partition) => ({ topic: to, partition, offset: Offset.beginning })),
    );
    const load = new Load(site.brokers, from, options.partitions);
    const ms = SETTLE_MS + options.seconds * 1_000;
    let readUntil = Number.POSITIVE_INFINITY;
    const at = { from: Date.now() + SETTLE_MS, done: () => Date.now() > readUntil };
    const running = load.run(ms).finally(() => {
      readUntil = Date.now() + LAST_RESULTS_MS;
    });
    const [taken] = await Promise.all([latencies(consumer, load, at), running]);
    return taken;
  } finally {
    await consumer.close();
    await child.stop();
    await site.deleteTopics([from, to]);
  }
}

/**
 * How long it takes from a record that passes the end of a window to the window's results, read committed by a foreign client: one
 * hop, no repartition, `wait: 0s`, at {@link RECORDS_PER_SECOND}. Both kinds of delivery, one after the other.
 */
export async function windowLatency(site: BenchSite, options: BenchOptions, say: (line: string) => void): Promise<Finding> {
  const json: Record<string, unknown> = { job: 'latency-window', records_per_s: RECORDS_PER_SECOND };
  const texts: string[] = [];
  for (const delivery of DELIVERIES) {
    say(`${RECORDS_PER_SECOND} records a second for ${options.seconds} s, ${delivery}`);
    const taken = await measured(site, options, delivery);
    if (taken.length === 0) throw new Error(`${delivery}: no results came`);
    const [p50, p95, p99] = [percentile(taken, 0.5), percentile(taken, 0.95), percentile(taken, 0.99)];
    json[delivery] = { results: taken.length, p50_ms: p50, p95_ms: p95, p99_ms: p99 };
    texts.push(
      `latency-window, ${delivery}: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms over ${taken.length} results (target p99 ${TARGET_MS} ms: ${p99 < TARGET_MS ? 'reached' : 'MISSED'})`,
    );
  }
  return { json, text: texts.join('\n') };
}
