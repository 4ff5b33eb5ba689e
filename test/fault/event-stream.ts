import type { BatchProducer } from '../../src/kafka/types.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { createTopic, kafkaOfTests } from '../support/topics.ts';
import { pause } from '../support/wait.ts';
import { seeded } from './random.ts';

export const PARTITIONS = 8;
const EMPTY = 3;
/** Nothing comes in it from the middle on. It is the furthest ahead in event time, so that it holds none of the others back. */
const SILENT = 7;
const ACTIVE = Array.from({ length: PARTITIONS }, (_, partition) => partition).filter((partition) => partition !== EMPTY);

const SKEW_MS = 3_600_000;
const SPAN_MS = 90 * 60_000;
export const WAIT_MS = 120_000;
const BEYOND_MS = 40 * 60_000;
/** Shares of records: out of order within `wait`, out of order beyond it, with the time of the one before. */
const OUT_OF_ORDER = 0.1;
const BEYOND = 0.01;
const EQUAL = 0.05;

const HOT_KEYS = 40;
const HOT_USERS = 500;
const MOST_A_WRITE = 2_000;
const WRITE_EVERY_MS = 100;
/** Of a part of the records: so much in quick writes, the rest slowly, so that no partition is quiet while a fault is at work. */
const QUICK = 0.7;
const QUICK_SHARE = 0.06;
const SLOW_EVERY = 8;
const FLUSH_MS = 90_000;

/** What a record says. `n` is its number in the partition. */
export interface EventValue {
  readonly '@timestamp': string;
  readonly user: string;
  readonly amount: number;
  readonly n: number;
}

export interface EventPlan {
  readonly topic: string;
  readonly seed: number;
  /** Over all partitions. */
  readonly records: number;
  /** In how many parts they are written: see `release`. */
  readonly parts: number;
  /** Different keys of a partition, and users over all, beside those that come again and again. */
  readonly keys: number;
  readonly users: number;
  /** Event time of the first record, in ms. */
  readonly start: number;
}

/**
 * Records in a topic of somebody else's: out of order, late, with equal times, an hour of skew between partitions, one of which is
 * empty and one silent from the middle. What a partition holds depends on the seed only.
 */
export class EventStream {
  readonly plan: EventPlan;
  readonly #writers: readonly PartitionWriter[];
  #running: Promise<unknown> | undefined;

  constructor(plan: EventPlan) {
    this.plan = plan;
    const each = Math.floor(plan.records / (ACTIVE.length - 0.5));
    this.#writers = ACTIVE.map(
      (partition, rank) =>
        new PartitionWriter(plan, {
          partition,
          skew: (SKEW_MS * rank) / (ACTIVE.length - 1),
          each,
          count: partition === SILENT ? Math.floor(each / 2) : each,
        }),
    );
  }

  get written(): number {
    return this.#writers.reduce((sum, { written }) => sum + written, 0);
  }

  async start(): Promise<void> {
    await createTopic(this.plan.topic, PARTITIONS);
    this.#running = Promise.all(this.#writers.map((writer) => writer.run()));
    this.#running.catch(() => {});
  }

  /** Lets part number `part` be written, and all before it as fast as can be. */
  release(part: number): void {
    for (const writer of this.#writers) writer.release(part);
  }

  /** Settles when all is written. */
  async finish(): Promise<void> {
    this.release(this.plan.parts);
    await this.#running;
  }

  /** Gives up writing. */
  stop(): void {
    for (const writer of this.#writers) writer.stop();
  }
}

/** Writes one partition, with a producer of its own: while one's leader is being elected the others go on. */
class PartitionWriter {
  readonly #plan: EventPlan;
  readonly #at: { readonly partition: number; readonly skew: number; readonly each: number; readonly count: number };
  readonly #random: () => number;
  #floor = 0;
  #ceiling = 0;
  #time = 0;
  #stopped = false;
  written = 0;

  constructor(plan: EventPlan, at: { partition: number; skew: number; each: number; count: number }) {
    this.#plan = plan;
    this.#at = at;
    this.#random = seeded(plan.seed + at.partition);
  }

  release(part: number): void {
    const { parts } = this.#plan;
    this.#floor = Math.min(this.#at.count, Math.floor((this.#at.each * part) / parts));
    this.#ceiling = Math.min(this.#at.count, Math.floor((this.#at.each * (part + 1)) / parts));
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    const producer = kafkaOfTests().producer({ lingerMs: 5 });
    const batch = new BatchBuilder([this.#plan.topic]);
    try {
      await producer.connect();
      for (let turn = 0; this.written < this.#at.count && !this.#stopped; turn += 1) {
        const due = this.#due(turn);
        if (due > 0) await this.#write(producer, batch, due);
        if (this.written >= this.#floor) await pause(WRITE_EVERY_MS);
      }
    } finally {
      await producer.close();
    }
  }

  /** How many records are due at this turn. */
  #due(turn: number): number {
    if (this.written < this.#floor) return Math.min(MOST_A_WRITE, this.#floor - this.written);
    const part = this.#ceiling - this.#floor;
    const quick = Math.floor(this.#floor + part * QUICK) - this.written;
    if (quick > 0) return Math.min(quick, Math.ceil(part * QUICK_SHARE), MOST_A_WRITE);
    return turn % SLOW_EVERY === 0 && this.written < this.#ceiling ? 1 : 0;
  }

  async #write(producer: BatchProducer, batch: BatchBuilder, count: number): Promise<void> {
    batch.reset();
    for (let i = 0; i < count; i += 1) this.#add(batch);
    await producer.write(batch.batch());
    await producer.flush(FLUSH_MS);
  }

  #add(batch: BatchBuilder): void {
    const { partition } = this.#at;
    const random = this.#random;
    const time = this.#nextTime();
    const key = random() < 0.5 ? Math.floor(random() * HOT_KEYS) : HOT_KEYS + Math.floor(random() * this.#plan.keys);
    const user = random() < 0.5 ? Math.floor(random() * HOT_USERS) : HOT_USERS + Math.floor(random() * this.#plan.users);
    const value: EventValue = {
      '@timestamp': new Date(time).toISOString(),
      user: `u${user}`,
      amount: Math.floor(random() * 10_000) - 1_000,
      n: this.written,
    };
    batch.begin(0, partition, -1);
    batch.key(`k${partition}-${key}`);
    batch.value(JSON.stringify(value));
    this.written += 1;
  }

  #nextTime(): number {
    const { skew, each } = this.#at;
    const random = this.#random;
    const kind = random();
    const inOrder = Math.floor(this.#plan.start + skew + (SPAN_MS * this.written) / each);
    let time = inOrder;
    if (kind < BEYOND) time = inOrder - WAIT_MS - Math.floor(random() * BEYOND_MS);
    else if (kind < BEYOND + OUT_OF_ORDER) time = inOrder - Math.floor(random() * WAIT_MS);
    else if (kind < BEYOND + OUT_OF_ORDER + EQUAL && this.#time > 0) time = this.#time;
    this.#time = time;
    return time;
  }
}
