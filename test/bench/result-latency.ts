import { setTimeout as sleep } from 'node:timers/promises';
import rdkafka, { type Producer } from 'node-rdkafka';
import { createKafka } from '../../src/kafka/index.ts';
import { type BatchConsumer, Offset } from '../../src/kafka/types.ts';
import type { JsonObject } from '../../src/record/json.ts';
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

/** What is measured: a stream of one hop, without a repartition and with `wait: 0s`, and how its results tell what they are of. */
export interface LatencyJob {
  readonly name: string;
  readonly recordsPerSecond: number;
  /** For the 99th percentile. */
  readonly targetMs: number;
  /** The stream's steps, as YAML. */
  readonly steps: string;
  /** A new measurement begins. */
  begin(partitions: number): void;
  /** The value of record `n`, whose event time is now. */
  valueOf(n: number, at: { readonly key: number; readonly partition: number; readonly now: number }): string;
  /** When the record was made that has brought a result about, in ms since 1970; undefined: it does not count. */
  madeAt(result: JsonObject): number | undefined;
}

/** Keys are spread over the partitions in turn. */
const KEYS = 1_000;
/** Records are made in blocks: this often, in ms. */
const TICK_MS = 5;
const READ_WAIT_MS = 100;
/** A pipeline that has just begun still compiles and settles: results of this time are not counted. */
const SETTLE_MS = 10_000;
const START_MS = 120_000;
const LAST_RESULTS_MS = 10_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

function pipelineOf(job: LatencyJob, at: { name: string; from: string; to: string; delivery: Delivery }): BenchPipeline {
  const [from, to] = [JSON.stringify(at.from), JSON.stringify(at.to)];
  const yaml = [
    `pipeline: ${at.name}`,
    'topics:',
    `  ${from}: { external: true }`,
    `  ${to}: { external: true }`,
    'streams:',
    '  work:',
    `    from: ${from}`,
    `    delivery: ${at.delivery}`,
    '    wait: 0s',
    `    steps: [ ${job.steps} ]`,
    `    to: ${to}`,
  ];
  return { yaml: yaml.join('\n'), component: 'work' };
}

/** Records at a fixed rate. */
class Load {
  readonly #job: LatencyJob;
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #partitions: number;
  #next = 0;

  constructor(job: LatencyJob, at: { brokers: string; topic: string; partitions: number }) {
    this.#job = job;
    this.#producer = new rdkafka.Producer({ 'metadata.broker.list': at.brokers, 'compression.codec': 'lz4' });
    this.#topic = at.topic;
    this.#partitions = at.partitions;
  }

  async run(ms: number): Promise<void> {
    await connected(this.#producer);
    const began = Date.now();
    const first = this.#next;
    for (let now = began; now < began + ms; now = Date.now()) {
      const due = first + Math.floor(((now - began) * this.#job.recordsPerSecond) / 1_000);
      while (this.#next < due) this.#produce(now);
      this.#producer.poll();
      await sleep(TICK_MS);
    }
    await disconnected(this.#producer);
  }

  #produce(now: number): void {
    const key = this.#next % KEYS;
    const partition = key % this.#partitions;
    const value = this.#job.valueOf(this.#next, { key, partition, now });
    this.#producer.produce(this.#topic, partition, Buffer.from(value), String(key));
    this.#next += 1;
  }
}

/** Reads results, as they are committed, until `done`; gives the latency of each in ms, of what was made at `from` or later. */
async function latencies(consumer: BatchConsumer, job: LatencyJob, at: { from: number; done: () => boolean }): Promise<number[]> {
  const taken: number[] = [];
  while (!at.done()) {
    const { batch } = await consumer.read({ maxRecords: 4_096, maxBytes: 1_000_000, timeoutMs: READ_WAIT_MS });
    const now = Date.now();
    for (let row = 0; row < batch.length; row += 1) {
      const made = job.madeAt(batch.valueJson(row) as JsonObject);
      if (made !== undefined && made >= at.from) taken.push(now - made);
    }
  }
  return taken;
}

async function measured(
  job: LatencyJob,
  delivery: Delivery,
  { site, options }: { site: BenchSite; options: BenchOptions },
): Promise<number[]> {
  const name = `${job.name}-${delivery.replaceAll('_', '-')}`;
  const [from, to] = [await site.createTopic(`${name}-in`), await site.createTopic(`${name}-out`)];
  const config = await childConfig(site, pipelineOf(job, { name, from, to, delivery }), { name, once: false, set: options.set });
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
    job.begin(options.partitions);
    const load = new Load(job, { brokers: site.brokers, topic: from, partitions: options.partitions });
    const ms = SETTLE_MS + options.seconds * 1_000;
    let readUntil = Number.POSITIVE_INFINITY;
    const at = { from: Date.now() + SETTLE_MS, done: () => Date.now() > readUntil };
    const running = load.run(ms).finally(() => {
      readUntil = Date.now() + LAST_RESULTS_MS;
    });
    const [taken] = await Promise.all([latencies(consumer, job, at), running]);
    return taken;
  } finally {
    await consumer.close();
    await child.stop();
    await site.deleteTopics([from, to]);
  }
}

/** How long it takes from a record to the results that it brings about, read committed by a foreign client; with both kinds of delivery, one after the other. */
export async function resultLatency(
  job: LatencyJob,
  { site, options, say }: { site: BenchSite; options: BenchOptions; say: (line: string) => void },
): Promise<Finding> {
  const { name, recordsPerSecond, targetMs } = job;
  const json: Record<string, unknown> = { job: name, records_per_s: recordsPerSecond };
  const texts: string[] = [];
  for (const delivery of DELIVERIES) {
    say(`${recordsPerSecond} records a second for ${options.seconds} s, ${delivery}`);
    const taken = await measured(job, delivery, { site, options });
    if (taken.length === 0) throw new Error(`${delivery}: no results came`);
    const [p50, p95, p99] = [percentile(taken, 0.5), percentile(taken, 0.95), percentile(taken, 0.99)];
    json[delivery] = { results: taken.length, p50_ms: p50, p95_ms: p95, p99_ms: p99 };
    texts.push(
      `${name}, ${delivery}: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms over ${taken.length} results (target p99 ${targetMs} ms: ${p99 < targetMs ? 'reached' : 'MISSED'})`,
    );
  }
  return { json, text: texts.join('\n') };
}
