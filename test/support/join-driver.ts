import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { decodeHeaders, encodeHeaders } from '../../src/record/headers.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import {
  type Derived,
  type InputSide,
  NO_WATERMARK,
  type OperatorContext,
  type PartitionOperator,
  type WindowCounters,
} from '../../src/sdk/operator.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { RecordingLog } from './tasks.ts';

/** A record as it comes to an operator. */
export interface Arrival {
  readonly side: InputSide;
  readonly partition: number;
  readonly time: number;
  readonly value: JsonObject;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

/** A result, read as a foreign reader would. */
export interface Result {
  readonly value: JsonObject;
  readonly key: string | null;
  readonly time: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of an arrival: the kind of its outcome, `passed` where it went on. */
export interface Fate {
  readonly arrival: number;
  readonly kind: string;
}

/** What a micro-batch has made, which counts once it is committed. */
interface Work {
  readonly results: Result[];
  readonly fates: Fate[];
  readonly changes: Map<string, string | null>;
  /** How far the input was read, and the watermarks then. */
  read: number;
  watermarks: ReadonlyMap<string, number>;
  joint: number;
}

export interface DriverOptions {
  readonly create: (context: OperatorContext) => PartitionOperator;
  readonly arrivals: readonly Arrival[];
  readonly wait: number;
  /** Both inputs have one watermark together, as Kafka Streams has one stream time for them. */
  readonly oneWatermark?: boolean;
}

/**
 * Runs an operator over arrivals as the runtime does: in micro-batches that are flushed and then committed, or taken back and read
 * again, and with restarts from what was committed. Each partition has a watermark of its own; the joint one is the least of all.
 */
export class JoinDriver {
  readonly results: Result[] = [];
  readonly fates: Fate[] = [];
  readonly changelog = new Map<string, string>();
  readonly #options: DriverOptions;
  readonly #partitions: readonly string[];
  readonly #flushed: Work[] = [];
  #committed: Pick<Work, 'read' | 'watermarks' | 'joint'> = { read: 0, watermarks: new Map(), joint: NO_WATERMARK };
  #open: Work;
  #watermarks = new Map<string, number>();
  #operator: PartitionOperator;
  counters: WindowCounters = noCounters();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#partitions = [...new Set(options.arrivals.map((arrival) => this.#inputOf(arrival)))];
    this.#open = this.#work();
    this.#operator = this.#create();
  }

  get operator(): PartitionOperator {
    return this.#operator;
  }

  /** Results so far, also those that are not committed. */
  get emitted(): readonly Result[] {
    return [...this.results, ...this.#flushed.flatMap(({ results }) => results), ...this.#open.results];
  }

  get atEnd(): boolean {
    return this.#open.read >= this.#options.arrivals.length;
  }

  /** Processes the next arrival. */
  next(): void {
    const { arrivals, wait } = this.#options;
    const number = this.#open.read;
    const arrival = arrivals[number] as Arrival;
    const input = this.#inputOf(arrival);
    const watermark = this.#watermarks.get(input) ?? NO_WATERMARK;
    const outcome = this.#operator.process(recordOf(arrival, number), { time: arrival.time, watermark, side: arrival.side });
    this.#open.fates.push({ arrival: number, kind: outcome?.kind ?? 'passed' });
    this.#open.read += 1;
    this.#watermarks.set(input, Math.max(watermark, arrival.time - wait - 1));
    const joint = Math.min(...this.#partitions.map((each) => this.#watermarks.get(each) ?? NO_WATERMARK));
    if (joint > this.#open.joint) this.advance(joint);
  }

  advance(watermark: number): void {
    this.#open.joint = watermark;
    this.#operator.advance(watermark);
  }

  flush(): void {
    const { changes } = this.#open;
    this.#operator.flush({ put: (key, value) => changes.set(key, value), remove: (key) => changes.set(key, null) });
    this.#open.watermarks = new Map(this.#watermarks);
    this.#flushed.push(this.#open);
    const { read, joint } = this.#open;
    this.#open = { ...this.#work(), read, joint };
  }

  /** The oldest micro-batch that was flushed becomes durable. */
  commit(): void {
    const work = this.#flushed.shift();
    if (work === undefined) return;
    this.#operator.commit();
    for (const [key, value] of work.changes) {
      if (value === null) this.changelog.delete(key);
      else this.changelog.set(key, value);
    }
    this.results.push(...work.results);
    this.fates.push(...work.fates);
    this.#committed = work;
  }

  /** A transaction was aborted: what is not durable is taken back and read again. */
  abort(): void {
    this.#operator.rollback();
    this.#goBack();
  }

  /** The process was killed: another takes up what is durable. */
  restart(): void {
    this.#goBack();
    this.#operator = this.#create();
    for (const [key, value] of this.changelog) this.#operator.restore(key, value);
    this.#operator.restored(this.#committed.joint);
  }

  /** Processes all that is left, then moves time to `watermark`, and commits. */
  finish(watermark = Number.POSITIVE_INFINITY): void {
    while (!this.atEnd) this.next();
    this.advance(watermark);
    this.flush();
    while (this.#flushed.length > 0) this.commit();
  }

  #goBack(): void {
    this.#flushed.length = 0;
    const { read, joint, watermarks } = this.#committed;
    this.#open = { ...this.#work(), read, joint };
    this.#watermarks = new Map(watermarks);
  }

  #inputOf({ side, partition }: Arrival): string {
    return this.#options.oneWatermark === true ? 'all' : `${side}/${partition}`;
  }

  #work(): Work {
    return { results: [], fates: [], changes: new Map(), read: 0, watermarks: new Map(), joint: NO_WATERMARK };
  }

  #create(): PartitionOperator {
    this.counters = noCounters();
    return this.#options.create(
      operatorContext({ counters: this.counters, emit: (derived) => this.#open.results.push(resultOf(derived)) }),
    );
  }
}

/** What an operator is created with, in the step `join` of the stream `s` of the pipeline `p`. */
export function operatorContext(more: Partial<OperatorContext> = {}): OperatorContext {
  return {
    pipeline: 'p',
    component: 's',
    id: 'join',
    generation: 0,
    partition: 0,
    clock: new VirtualClock(),
    log: new RecordingLog(),
    counters: noCounters(),
    emit: () => {},
    ...more,
  };
}

export function noCounters(): WindowCounters {
  return { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
}

/** An arrival as the record that an operator sees, at offset `offset` of its partition. */
export function recordOf({ side, partition, value, headers = [] }: Arrival, offset: number): StreamRecord {
  const builder = new BatchBuilder([side]);
  builder.begin(0, partition, -1);
  builder.offset(offset);
  if (typeof value['$key'] === 'string') builder.key(value['$key']);
  builder.headers(encodeHeaders(headers));
  const record = new StreamRecord();
  record.moveTo(builder.batch(), 0, structuredClone(value));
  return record;
}

function resultOf({ value, key, time, headers }: Derived): Result {
  if (value === null) throw new Error('a join makes no tombstones');
  const read = decodeHeaders(Buffer.from(headers)).map((header) => [header.name, header.value?.toString('utf8') ?? '']);
  return { value: structuredClone(value), key, time, headers: Object.fromEntries(read) as Record<string, string> };
}
