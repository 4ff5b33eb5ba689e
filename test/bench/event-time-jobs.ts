import { createKafka } from '../../src/kafka/index.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { BareParseConfig } from './bare-parse.ts';
import type { BenchSite } from './bench-site.ts';
import { MeasuredChild } from './children.ts';
import type { Measured } from './measured-window.ts';
import type { BenchOptions } from './options.ts';
import type { BenchPipeline } from './pipelines.ts';
import { inputsOf, type StreamJob, streaming } from './stream-jobs.ts';

const PER_WRITE = 50_000;
const WAIT_MS = 120_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The jobs on event time: their input topics, which are filled once, and the bare loop beside them. */
export class EventTimeJobs {
  readonly #site: BenchSite;
  readonly #options: BenchOptions;
  readonly #say: (line: string) => void;
  readonly #inputs = new Map<StreamJob, readonly string[]>();

  constructor(site: BenchSite, options: BenchOptions, say: (line: string) => void) {
    this.#site = site;
    this.#options = options;
    this.#say = say;
  }

  async pipeline(job: StreamJob, name: string, to: string): Promise<BenchPipeline> {
    return streaming(job, name, { from: await this.#input(job), to });
  }

  async bare(job: StreamJob, name: string): Promise<Measured> {
    const { brokers, prefix } = this.#site;
    const from = await this.#input(job);
    const config: BareParseConfig = { brokers, from, group: `${prefix}.${name}-bare`, records: this.#options.lines };
    return new MeasuredChild<Measured>('bare-parse', config).report();
  }

  async #input(job: StreamJob): Promise<readonly string[]> {
    // Both group the same records, by their key and by a field.
    const filled = job === 'd2' ? 'd' : job;
    let topics = this.#inputs.get(filled);
    if (topics === undefined) {
      topics = await this.#fill(filled);
      this.#inputs.set(filled, topics);
    }
    return topics;
  }

  async #fill(job: StreamJob): Promise<readonly string[]> {
    const { lines, keys } = this.#options;
    const inputs = inputsOf(job, keys);
    const topics: string[] = [];
    for (const i of inputs.keys()) topics.push(await this.#site.createTopic(`input-${job}-${i}`));
    this.#say(`filling ${topics.join(', ')}`);
    const kafka = createKafka(
      { brokers: this.#site.brokers, clientId: 'millrace-bench', options: {} },
      { batches: 'auto', log: silent, clock: systemClock },
    );
    const producer = kafka.producer({});
    await producer.connect();
    const builder = new BatchBuilder(topics);
    for (let first = 0; first < lines; first += PER_WRITE) {
      // What was written before points into the builder's memory until it is acknowledged.
      builder.reset();
      for (let line = first; line < Math.min(lines, first + PER_WRITE); line += 1) {
        const topic = line % inputs.length;
        const { key, value } = (inputs[topic] as (typeof inputs)[number])(Math.floor(line / inputs.length));
        builder.begin(topic, -1, -1);
        builder.key(key);
        builder.value(value);
      }
      await producer.write(builder.batch());
      await producer.flush(WAIT_MS);
    }
    await producer.close();
    return topics;
  }
}
