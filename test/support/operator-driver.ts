import { bindOption, defaultScope } from '../../src/expression/index.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { headerText } from '../../src/record/headers.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import {
  type Derived,
  NO_WATERMARK,
  type OperatorContext,
  type OperatorFactory,
  type OperatorOutcome,
  type PartitionOperator,
  type StatefulStepDefinition,
  type WindowCounters,
} from '../../src/sdk/operator.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { RecordingLog } from './tasks.ts';

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };

/** The options of a step with state, as a pipeline file writes them, checked and bound. Throws where they are wrong. */
export function boundOptions<Options>(definition: StatefulStepDefinition<Options>, options: unknown): Options {
  const read = definition.options.parse(options);
  bindAll(read);
  return read;
}

function bindAll(value: unknown): void {
  if (value instanceof CompiledOption) {
    const [problem] = bindOption(value, SCOPE);
    if (problem !== undefined) throw new Error(`${value.text}: ${problem.message}`);
  } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) bindAll(inner);
}

/** The operator of a step with these options. */
export function operatorOf<Options>(definition: StatefulStepDefinition<Options>, options: unknown): OperatorFactory {
  const read = boundOptions(definition, options);
  return (context) => definition.state.create(read, context);
}

/** A record that an operator emitted, with its headers read. */
export interface Emitted extends Omit<Derived, 'headers'> {
  readonly id: string | undefined;
  readonly version: number;
}

/** Where a micro-batch came to. */
interface Standing {
  readonly watermark: number;
  readonly largest: number;
  readonly counters: WindowCounters;
}

interface Flushed extends Standing {
  readonly changes: readonly (readonly [string, string | null])[];
  readonly emitted: readonly Emitted[];
}

const NO_PAIRS: WindowCounters = { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };

interface DriverOptions {
  /** How far the watermark stays behind the largest time, in ms; absent: it is moved by {@link OperatorDriver.watermark} only. */
  readonly wait?: number;
  readonly generation?: number;
  /** Micro-batches on their way: so many are flushed before the oldest of them is committed. */
  readonly inFlight?: number;
}

/**
 * An operator as the runtime treats it: records with a watermark that moves with each, micro-batches that are flushed and then
 * committed, a changelog from which a new operator is restored.
 */
export class OperatorDriver {
  readonly #create: OperatorFactory;
  readonly #options: DriverOptions;
  readonly counters: WindowCounters = { ...NO_PAIRS };
  /** What the changelog holds, by key, of what is committed. */
  readonly changelog = new Map<string, string>();
  readonly #committed: Emitted[] = [];
  /** Micro-batches that are flushed and not committed. */
  #flushed: Flushed[] = [];
  #emitted: Emitted[] = [];
  #watermark = NO_WATERMARK;
  #largest = NO_WATERMARK;
  #durable: Standing = { watermark: NO_WATERMARK, largest: NO_WATERMARK, counters: NO_PAIRS };
  operator: PartitionOperator;

  constructor(create: OperatorFactory, options: DriverOptions = {}) {
    this.#create = create;
    this.#options = options;
    this.operator = create(this.#context());
  }

  /** Everything that was emitted and not taken back, in order. */
  get emitted(): readonly Emitted[] {
    return [...this.#committed, ...this.#flushed.flatMap(({ emitted }) => emitted), ...this.#emitted];
  }

  get now(): number {
    return this.#watermark;
  }

  /** Gives a record to the operator. `own`: the watermark of its partition, where that is not the operator's. */
  record(value: JsonObject, time: number, { key, own }: { key?: string; own?: number } = {}): OperatorOutcome | undefined {
    const outcome = this.operator.process(recordWith(value, time, key), {
      time,
      watermark: own ?? this.#watermark,
      side: 'main',
    });
    if (this.#options.wait !== undefined) {
      this.#largest = Math.max(this.#largest, time);
      this.watermark(this.#largest - this.#options.wait - 1);
    }
    return outcome;
  }

  watermark(to: number): void {
    if (to <= this.#watermark) return;
    this.#watermark = to;
    this.operator.advance(to);
  }

  /** The micro-batch ends. */
  cut(): void {
    const changes: [string, string | null][] = [];
    this.operator.flush({ put: (key, value) => changes.push([key, value]), remove: (key) => changes.push([key, null]) });
    const counters = { ...this.counters };
    this.#flushed.push({ changes, emitted: this.#emitted, watermark: this.#watermark, largest: this.#largest, counters });
    this.#emitted = [];
    while (this.#flushed.length > (this.#options.inFlight ?? 0)) this.commit();
  }

  /** The oldest micro-batch on its way is durable. */
  commit(): void {
    const oldest = this.#flushed.shift();
    if (oldest === undefined) return;
    this.operator.commit();
    for (const [key, value] of oldest.changes) {
      if (value === null) this.changelog.delete(key);
      else this.changelog.set(key, value);
    }
    this.#committed.push(...oldest.emitted);
    this.#durable = oldest;
  }

  /** What is not committed is taken back. */
  rollback(): void {
    this.operator.rollback();
    this.#forget();
  }

  /** The process dies, and another takes over from what is committed. */
  restart(): void {
    this.#forget();
    Object.assign(this.counters, this.#durable.counters);
    this.operator = this.#create(this.#context());
    for (const [key, value] of this.changelog) this.operator.restore(key, value);
    this.operator.restored(this.#watermark);
  }

  #forget(): void {
    this.#flushed = [];
    this.#emitted = [];
    this.#watermark = this.#durable.watermark;
    this.#largest = this.#durable.largest;
  }

  #context(): OperatorContext {
    return {
      ...{ pipeline: 'test', component: 'stream', id: 'window-1', partition: 0 },
      generation: this.#options.generation ?? 0,
      clock: new VirtualClock(),
      log: new RecordingLog(),
      counters: this.counters,
      emit: ({ headers, ...rest }) => {
        const packed = Buffer.from(headers);
        const version = Number(headerText(packed, 'millrace.version'));
        this.#emitted.push({ ...rest, id: headerText(packed, 'millrace.id'), version });
      },
    };
  }
}

export function recordWith(value: JsonObject, time: number, key?: string): StreamRecord {
  const builder = new BatchBuilder(['in']);
  builder.begin(0, 0, time);
  if (key !== undefined) builder.key(Buffer.from(key));
  builder.value('');
  const record = new StreamRecord();
  record.moveTo(builder.batch(), 0, value);
  return record;
}
