import type { RecordBatch } from '../../../src/record/batch.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { decodeHeaders } from '../../../src/record/headers.ts';
import type { JsonObject } from '../../../src/record/json.ts';
import { StreamRecord } from '../../../src/record/record.ts';
import type { MicroBatch } from '../../../src/runtime/micro-batch.ts';
import { StateUnit } from '../../../src/runtime/stateful/state-unit.ts';
import type { Logger } from '../../../src/sdk/logger.ts';
import {
  type Derived,
  NO_WATERMARK,
  type OperatorContext,
  type OperatorFactory,
  type PartitionOperator,
  type WindowCounters,
} from '../../../src/sdk/operator.ts';
import { Random } from '../../support/random.ts';
import { type Entry, INPUT, noPairs, type RecordEntry, UPSTREAM } from './feed.ts';

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Under which key event time is stored beside the state. */
const TIME = '!time';

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

export interface RunParts {
  readonly create: OperatorFactory;
  readonly entries: readonly Entry[];
  readonly wait: number;
  /** Whether the input is a repartition topic, whose markers move event time. */
  readonly repartitioned: boolean;
  readonly weather: Weather;
}

type Changes = [key: string, value: string | null][];

/** A micro-batch on its way to its commit. */
interface InFlight {
  readonly position: number;
  readonly counters: WindowCounters;
  readonly changes: Changes;
  readonly emissions: readonly Emission[];
}

/**
 * An operator at work on one partition, with the event time that the runtime keeps for it, as the runtime drives both: micro-batches
 * cut at random, up to two on their way, transactions that fail, and processes that die and are replaced by one that restores
 * what was committed.
 */
export class OperatorRun {
  /** All results that were committed, in their order. */
  readonly committed: Emission[] = [];
  /** Over all processes, without what was lost with one of them. */
  readonly counters: WindowCounters = noPairs();
  readonly #parts: RunParts;
  readonly #random: Random;
  readonly #record = new StreamRecord();
  readonly #batch: RecordBatch;
  readonly #at = { time: 0, watermark: NO_WATERMARK, side: 'main' as const };
  /** All changes of state that were committed. */
  readonly #changelog: Changes = [];
  #unit: StateUnit;
  #durable: Pick<InFlight, 'position' | 'counters'>;
  #inFlight: InFlight[] = [];
  #emissions: Emission[] = [];
  #position = 0;
  #now = Date.UTC(2024, 0, 1);

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#random = new Random(parts.weather.seed);
    this.#batch = batchOf(parts.entries);
    this.#durable = { position: 0, counters: { ...this.counters } };
    this.#unit = this.#start();
  }

  /** Runs until all input is processed and committed. */
  run(): this {
    let { aborts, crashes } = this.#parts.weather;
    const random = this.#random;
    while (this.#position < this.#parts.entries.length || this.#inFlight.length > 0) {
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

  get #operator(): PartitionOperator {
    return this.#unit.operators[0] as PartitionOperator;
  }

  get watermark(): number {
    return this.#unit.watermark;
  }

  /** How many entries are held. */
  get size(): number {
    return this.#operator.size;
  }

  /** What is still open, as early results. */
  openResults(): Emission[] {
    this.#operator.emitOpen();
    return this.#drain();
  }

  /** What an operator holds that is restored from what was committed. */
  restoredState(): { readonly size: number; readonly open: readonly Emission[] } {
    const [operator] = this.#start().operators;
    operator?.emitOpen();
    return { size: operator?.size ?? 0, open: this.#drain() };
  }

  /** Processes some records, sometimes none. */
  #take(): void {
    const { entries, weather } = this.#parts;
    const until = Math.min(entries.length, this.#position + this.#random.below(weather.batch + 1));
    for (; this.#position < until; this.#position += 1) {
      const entry = entries[this.#position] as Entry;
      const moved = entry.kind === 'marker' ? this.#unit.merged.get(INPUT)?.observe(entry.marker) : this.#process(entry);
      if (moved === true || entry.kind === 'marker') this.#unit.timeChanged = true;
      if (this.#unit.merge()) {
        this.#operator.advance(this.#unit.watermark);
        this.#unit.told[0] = this.#unit.watermark;
      }
    }
  }

  #process(entry: RecordEntry): boolean {
    const clock = this.#unit.clocks.get(INPUT);
    this.#record.moveTo(this.#batch, this.#position, structuredClone(entry.value));
    this.#at.time = entry.time;
    this.#at.watermark = Math.max(entry.watermark ?? clock?.watermark ?? NO_WATERMARK, this.#unit.watermark);
    this.#operator.process(this.#record, this.#at);
    return clock?.observe(entry.time) === true;
  }

  #end(): void {
    this.#now += this.#random.below(2_000);
    this.#operator.tick(this.#now);
    const changes: Changes = [];
    this.#operator.flush({ put: (key, value) => changes.push([key, value]), remove: (key) => changes.push([key, null]) });
    const batch: InFlight = { position: this.#position, counters: { ...this.counters }, changes, emissions: this.#drain() };
    this.#inFlight.push(batch);
    const time = this.#unit.flushed(batch as unknown as MicroBatch);
    if (this.#unit.timeChanged) changes.push([TIME, JSON.stringify(time)]);
    this.#unit.timeChanged = false;
  }

  #commit(): void {
    const batch = this.#inFlight.shift() as InFlight;
    this.#durable = batch;
    this.#changelog.push(...batch.changes);
    this.committed.push(...batch.emissions);
    this.#unit.committed(batch as unknown as MicroBatch);
  }

  #abort(): void {
    this.#unit.rollback();
    this.#goBack();
  }

  #crash(): void {
    this.#goBack();
    Object.assign(this.counters, this.#durable.counters);
    this.#unit = this.#start();
  }

  #goBack(): void {
    this.#inFlight = [];
    this.#emissions = [];
    this.#position = this.#durable.position;
  }

  /** A new operator with what was committed: all of the changelog, or what compaction has left of it. */
  #start(): StateUnit {
    const { create, wait, repartitioned } = this.#parts;
    const operator = create(
      contextFor({
        counters: this.counters,
        emit: (derived) => this.#emissions.push(emissionOf(derived)),
        now: () => this.#now,
      }),
    );
    const unit = new StateUnit({
      name: 's',
      partition: 0,
      operators: [operator],
      inputs: [{ topic: INPUT, side: 'main', repartitioned, upstream: [UPSTREAM] }],
      rules: { waitMs: wait, whenIdle: 'advance' },
    });
    let time: string | null | undefined;
    for (const [key, value] of this.#random.chance(0.5) ? this.#changelog : compacted(this.#changelog)) {
      if (key === TIME) time = value;
      else operator.restore(key, value);
    }
    unit.restored(typeof time === 'string' ? (JSON.parse(time) as JsonObject) : undefined);
    return unit;
  }

  #drain(): Emission[] {
    const emissions = this.#emissions;
    this.#emissions = [];
    return emissions;
  }
}

/** What an operator is created with. */
export function contextFor(own: Pick<OperatorContext, 'counters' | 'emit'> & { readonly now?: () => number }): OperatorContext {
  const { counters, emit, now = () => 0 } = own;
  const clock = { now, monotonic: now, sleep: () => Promise.reject(new Error('an operator waits')) };
  return { pipeline: 'p', component: 's', id: 'window', generation: 0, partition: 0, clock, log: SILENT, counters, emit };
}

/** The last entry of each key, and no removed ones: a reader must not see the difference. */
function compacted(changelog: Changes): Changes {
  const last = new Map(changelog.map(([key], at) => [key, at]));
  return changelog.filter(([key, value], at) => last.get(key) === at && value !== null);
}

function emissionOf({ key, time, value, headers }: Derived): Emission {
  const named = decodeHeaders(Buffer.from(headers)).map(
    ({ name, value: text }) => [name, text?.toString('utf8') ?? null] as const,
  );
  return { key, time, value: structuredClone(value), headers: Object.fromEntries(named) };
}

export function batchOf(entries: readonly Entry[]): RecordBatch {
  const builder = new BatchBuilder([INPUT]);
  for (const entry of entries) {
    builder.begin(0, 0, entry.kind === 'record' ? entry.time : -1);
    builder.key(entry.kind === 'record' ? entry.key : null);
    builder.value('');
  }
  return builder.batch();
}
