import type { RecordBatch } from '../../../src/record/batch.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { decodeHeaders } from '../../../src/record/headers.ts';
import type { JsonObject } from '../../../src/record/json.ts';
import { StreamRecord } from '../../../src/record/record.ts';
import type { Clock } from '../../../src/sdk/clock.ts';
import type { Logger } from '../../../src/sdk/logger.ts';
import type { Derived, OperatorFactory, PartitionOperator, WindowCounters } from '../../../src/sdk/operator.ts';
import type { Entry, FeedClock, RecordEntry } from './feed.ts';
import { Random } from './random.ts';

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** How a run goes: how its input is cut, and what goes wrong. */
export interface Weather {
  readonly seed: number;
  /** The largest micro-batch. */
  readonly batch: number;
  /** How many times a transaction fails. */
  readonly aborts: number;
  /** How many times the process dies and another one takes over. */
  readonly crashes: number;
}

/** A result as a reader of committed records sees it. */
export interface Emission {
  readonly key: string | null;
  readonly time: number;
  /** Null: what had its id before is void. */
  readonly value: JsonObject | null;
  readonly headers: Readonly<Record<string, string | null>>;
}

/** What the last committed transaction left behind for the next process. */
interface Committed {
  position: number;
  clock: unknown;
  watermark: number;
  counters: WindowCounters;
}

/** A micro-batch on its way to its commit. */
interface InFlight extends Committed {
  readonly changes: [string, string | null][];
  readonly emissions: Emission[];
}

/**
 * An operator at work on one partition, as the runtime drives it: micro-batches cut at random, up to two on their way, transactions
 * that fail, and processes that die and are replaced by one that restores what was committed.
 */
export class OperatorRun {
  /** All results that were committed, in their order. */
  readonly committed: Emission[] = [];
  /** Over all processes, without what was lost with one of them. */
  readonly counters: WindowCounters = { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
  /** All changes of state that were committed. */
  readonly changelog: [string, string | null][] = [];
  readonly #create: OperatorFactory;
  readonly #entries: readonly Entry[];
  readonly #clock: FeedClock;
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #record = new StreamRecord();
  readonly #batch: RecordBatch;
  readonly #at = { time: 0, watermark: 0, side: 'main' as const };
  #operator: PartitionOperator;
  #durable: Committed;
  #inFlight: InFlight[] = [];
  #emissions: Emission[] = [];
  #position = 0;
  #now = Date.UTC(2024, 0, 1);

  constructor(create: OperatorFactory, entries: readonly Entry[], clock: FeedClock, weather: Weather) {
    this.#create = create;
    this.#entries = entries;
    this.#clock = clock;
    this.#weather = weather;
    this.#random = new Random(weather.seed);
    this.#batch = batchOf(entries);
    this.#durable = { position: 0, clock: clock.save(), watermark: clock.watermark, counters: { ...this.counters } };
    this.#operator = this.#start();
  }

  /** Runs until all input is processed and committed. */
  run(): this {
    let { aborts, crashes } = this.#weather;
    const random = this.#random;
    while (this.#position < this.#entries.length || this.#inFlight.length > 0) {
      if (crashes > 0 && random.chance(0.15)) {
        crashes -= 1;
        this.#crash();
      } else if (aborts > 0 && random.chance(0.2)) {
        aborts -= 1;
        if (random.chance(0.5)) this.#take();
        this.#abort();
      } else if (this.#inFlight.length === 2 || (this.#inFlight.length > 0 && random.chance(0.4))) {
        this.#commit();
      } else {
        this.#take();
        this.#end();
      }
    }
    return this;
  }

  /** What is still open, as early results. */
  openResults(): Emission[] {
    return openResultsOf(this.#operator, () => this.#drain());
  }

  get size(): number {
    return this.#operator.size;
  }

  /** An operator restored from what was committed: how many entries it holds, and what is open in it. */
  restoredState(): { readonly size: number; readonly open: readonly Emission[] } {
    const restored = this.#start();
    return { size: restored.size, open: openResultsOf(restored, () => this.#drain()) };
  }

  /** Processes some records, sometimes none. */
  #take(): void {
    const until = Math.min(this.#entries.length, this.#position + this.#random.below(this.#weather.batch + 1));
    for (; this.#position < until; this.#position += 1) {
      const entry = this.#entries[this.#position] as Entry;
      if (entry.kind === 'record') this.#process(entry, this.#position);
      const before = this.#clock.watermark;
      this.#clock.take(entry);
      const { watermark } = this.#clock;
      if (watermark > before) this.#operator.advance(watermark);
    }
  }

  #process(entry: RecordEntry, row: number): void {
    this.#record.moveTo(this.#batch, row, structuredClone(entry.value));
    this.#at.time = entry.time;
    this.#at.watermark = entry.watermark;
    this.#operator.process(this.#record, this.#at);
  }

  #end(): void {
    this.#now += this.#random.below(2_000);
    this.#operator.tick(this.#now);
    const changes: [string, string | null][] = [];
    this.#operator.flush({ put: (key, value) => changes.push([key, value]), remove: (key) => changes.push([key, null]) });
    this.#inFlight.push({
      position: this.#position,
      clock: this.#clock.save(),
      watermark: this.#clock.watermark,
      counters: { ...this.counters },
      changes,
      emissions: this.#drain(),
    });
  }

  #commit(): void {
    const { changes, emissions, ...durable } = this.#inFlight.shift() as InFlight;
    this.#durable = durable;
    this.changelog.push(...changes);
    this.committed.push(...emissions);
    this.#operator.commit();
  }

  #abort(): void {
    this.#operator.rollback();
    this.#goBack();
  }

  #crash(): void {
    this.#goBack();
    Object.assign(this.counters, this.#durable.counters);
    this.#operator = this.#start();
  }

  #goBack(): void {
    this.#inFlight = [];
    this.#emissions = [];
    this.#position = this.#durable.position;
    this.#clock.load(this.#durable.clock);
  }

  /** A new operator with what was committed: all of the changelog, or what compaction has left of it. */
  #start(): PartitionOperator {
    const operator = this.#create({
      pipeline: 'p',
      component: 's',
      id: 'window',
      generation: 0,
      partition: 0,
      clock: this.#wallClock(),
      log: SILENT,
      counters: this.counters,
      emit: (derived) => this.#emissions.push(emissionOf(derived)),
    });
    const entries = this.#random.chance(0.5) ? this.changelog : compacted(this.changelog);
    for (const [key, value] of entries) operator.restore(key, value);
    operator.restored(this.#durable.watermark);
    return operator;
  }

  #wallClock(): Clock {
    return { now: () => this.#now, monotonic: () => this.#now, sleep: () => Promise.reject(new Error('an operator waits')) };
  }

  #drain(): Emission[] {
    const emissions = this.#emissions;
    this.#emissions = [];
    return emissions;
  }
}

function openResultsOf(operator: PartitionOperator, drain: () => Emission[]): Emission[] {
  operator.emitOpen();
  return drain();
}

/** The last entry of each key, and no removed ones: a reader must not see the difference. */
export function compacted(changelog: readonly [string, string | null][]): [string, string | null][] {
  const last = new Map(changelog.map(([key], at) => [key, at]));
  return changelog.filter(([key, value], at) => last.get(key) === at && value !== null);
}

function emissionOf({ key, time, value, headers }: Derived): Emission {
  const named = decodeHeaders(Buffer.from(headers)).map(
    ({ name, value: text }) => [name, text?.toString('utf8') ?? null] as const,
  );
  return { key, time, value: structuredClone(value), headers: Object.fromEntries(named) };
}

function batchOf(entries: readonly Entry[]): RecordBatch {
  const builder = new BatchBuilder(['in']);
  for (const entry of entries) {
    builder.begin(0, 0, entry.kind === 'record' ? entry.time : -1);
    builder.key(entry.kind === 'record' ? entry.key : null);
    builder.value('');
  }
  return builder.batch();
}
