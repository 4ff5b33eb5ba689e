import { MillraceError } from '../errors/index.ts';
import type { TopicPartition, TopicPartitionOffset } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import { eventTime } from '../record/event-time.ts';
import { StreamRecord } from '../record/record.ts';
import { isAsync } from '../sdk/async-step.ts';
import type { RejectedRecord } from '../sdk/batch-processor.ts';
import { noMetrics } from '../sdk/metrics.ts';
import { isProcessor, type ProcessorDefinition } from '../sdk/processor.ts';
import { ProcessorRecord } from '../sdk/processor-record.ts';
import { ContinuousRunner } from '../stream/processor/continuous-runner.ts';
import { ProgramFailure, type Rejection } from '../stream/program.ts';
import type { StepNode, StreamNode } from '../topology/types.ts';
import { AsyncChain, type AsyncElement, type Staged } from './async-chain.ts';
import type { BatchEmitter } from './batch-emitter.ts';
import { emittedValue, letterOf, originalOf, rowOf } from './continuous-records.ts';
import type { MicroBatch } from './micro-batch.ts';
import type { OutputTopics } from './output-topics.ts';
import { partitionKey } from './partition-key.ts';
import { type Made, resumeOf } from './stateful/derived-letter.ts';
import type { StreamWork } from './stream-work.ts';
import type { TaskEnvironment } from './task.ts';

/** How often a processor that holds as much as it may is looked at again, in ms. */
const FULL_LOOK_MS = 250;
/** How long the last records of a processor may take, in ms, when a partition is given up or the task ends. */
const LAST_MS = 30_000;

/** Whether a stream has a processor that keeps records across micro-batches. */
export function isContinuous({ steps }: StreamNode): boolean {
  return steps.some(({ definition }) => isProcessor(definition) && definition.processor.continuous !== undefined);
}

/** One partition of an input. */
interface Unit extends TopicPartition {
  readonly runner: ContinuousRunner;
}

/**
 * A stream with a continuous processor: one subscription for each partition, for the life of its assignment. What it emits goes into
 * the micro-batch at work, whichever that is; the offsets of a micro-batch are those that are older than `hold`, not those that it read.
 */
export class ContinuousWork implements StreamWork {
  readonly #node: StreamNode;
  readonly #env: TaskEnvironment;
  readonly #emitter: BatchEmitter;
  readonly #step: StepNode;
  readonly #prefix: AsyncChain<undefined>;
  /** With each record what the processor has emitted, where it has. */
  readonly #suffix: AsyncChain<ProcessorRecord | undefined>;
  readonly #retryTopic: string;
  readonly #units = new Map<string, Unit>();
  readonly #stopping = new AbortController();
  readonly #cursor = new StreamRecord();
  /** Offsets that may be committed with the micro-batch at work. */
  #offsets = new Map<string, TopicPartitionOffset>();
  /** Whether a processor that is full is waited for no longer. */
  #interrupted = false;
  readonly #ended = new Map<MicroBatch, readonly TopicPartitionOffset[]>();

  constructor(node: StreamNode, env: TaskEnvironment, { topics, emitter }: { topics: OutputTopics; emitter: BatchEmitter }) {
    this.#node = node;
    this.#env = env;
    this.#emitter = emitter;
    this.#retryTopic = env.names.retry(env.pipeline.name, node.name);
    const at = node.steps.findIndex(({ definition }) => isProcessor(definition));
    this.#step = node.steps[at] as StepNode;
    const program = { component: node.name, env, codecOf: topics.codecOf, retryTopic: this.#retryTopic, onError: node.onError };
    this.#prefix = new AsyncChain({ elements: node.steps.slice(0, at).map(elementOf), program, emitter });
    const suffix = node.steps.slice(at + 1).map(elementOf);
    this.#suffix = new AsyncChain({ elements: suffix, program, emitter, madeOf: (record) => this.#madeOf(record) });
  }

  into(batch: MicroBatch): void {
    this.#emitter.into(batch);
  }

  async run(read: RecordBatch): Promise<void> {
    const fed = new Map<Unit, { records: ProcessorRecord[]; end: number }>();
    for (let row = 0; row < read.length; row += 1) {
      const unit = this.#unitOf(read.topic(row), read.partition(row));
      const given = fed.get(unit) ?? { records: [], end: 0 };
      given.end = read.offset(row) + 1;
      fed.set(unit, given);
      // A dead letter of a step behind the processor goes on there.
      if (resumeOf(read, row) === undefined) this.#prefix.add(read, row, undefined);
      else this.#suffix.add(read, row, undefined);
    }
    await this.#prefix.settle((staged) => {
      if (!staged.dropped) this.#feedOrPass(staged, fed);
    });
    for (const [{ runner }, { records, end }] of fed) runner.feed(records, end);
    await this.#collect();
    this.#interrupted = false;
    while (!this.#interrupted && [...this.#units.values()].some(({ runner }) => runner.full)) {
      await this.#env.clock.sleep(FULL_LOOK_MS, this.#stopping.signal);
      await this.#collect();
    }
  }

  tick(): boolean {
    // What has been emitted meanwhile is taken with the micro-batch.
    return [...this.#units.values()].some(({ runner }) => runner.hasNews) || this.#offsets.size > 0;
  }

  async end(batch: MicroBatch): Promise<void> {
    await this.#collect();
    this.#ended.set(batch, [...this.#offsets.values()]);
    this.#offsets = new Map();
  }

  offsets(batch: MicroBatch): readonly TopicPartitionOffset[] {
    return this.#ended.get(batch) ?? [];
  }

  committed(batch: MicroBatch): void {
    this.#ended.delete(batch);
  }

  rollback(): void {
    this.#prefix.clear();
    this.#suffix.clear();
    this.#ended.clear();
    this.#offsets = new Map();
    for (const { runner } of this.#units.values()) runner.restart();
  }

  restore(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions)
      this.#units.set(partitionKey({ topic, partition }), this.#create(topic, partition));
    return Promise.resolve();
  }

  beforeGiveUp(): void {
    // What was kept has been flushed and committed: see `leave`.
  }

  giveUp(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = partitionKey({ topic, partition });
      this.#units.get(key)?.runner.close();
      this.#units.delete(key);
    }
  }

  /** Ends all inputs and waits for what the processors still emit. True where anything is to be committed. */
  async leave(batch: MicroBatch): Promise<boolean> {
    const limit = AbortSignal.any([this.#stopping.signal, this.#after(LAST_MS)]);
    await Promise.all([...this.#units.values()].map(({ runner }) => runner.complete(limit)));
    await this.#collect();
    // Partitions that stay begin anew, with nothing kept.
    for (const { runner } of this.#units.values()) runner.restart();
    return !batch.empty || this.#offsets.size > 0;
  }

  emitOpen(batch: MicroBatch): Promise<boolean> {
    return this.leave(batch);
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#prefix.interrupt();
    this.#suffix.interrupt();
  }

  close(): Promise<void> {
    this.#stopping.abort(new Error('the task ends'));
    for (const { runner } of this.#units.values()) runner.close();
    this.#prefix.close();
    this.#suffix.close();
    return Promise.resolve();
  }

  #after(ms: number): AbortSignal {
    const over = new AbortController();
    const reason = `the processor ${this.#step.id} has not completed ${ms / 1_000} s after its input did`;
    const end = (): void => over.abort(new Error(reason));
    void this.#env.clock.sleep(ms, this.#stopping.signal).then(end, end);
    return over.signal;
  }

  #create(topic: string, partition: number): Unit {
    const { pipeline, clock, log } = this.#env;
    const metrics = this.#env.metrics?.of(this.#step.id) ?? noMetrics;
    const place = { pipeline: pipeline.name, component: this.#node.name, id: this.#step.id, partition, clock, log, metrics };
    const definition = this.#step.definition as ProcessorDefinition;
    return { topic, partition, runner: new ContinuousRunner(definition, this.#step.options, place) };
  }

  #feedOrPass(staged: Staged<undefined>, fed: ReadonlyMap<Unit, { records: ProcessorRecord[] }>): void {
    const { batch, row, value } = staged;
    const cursor = this.#cursor;
    cursor.moveTo(batch, row, value);
    const { when } = this.#step;
    if (when !== undefined && when.evaluate(cursor) !== true) {
      this.#suffix.addValue({ batch, row }, value, undefined);
      return;
    }
    const time = eventTime(cursor, this.#node.time?.timestamp);
    if (time === undefined || !Number.isFinite(time)) {
      const field = this.#node.time?.timestamp?.join('.') ?? '@timestamp';
      this.#prefix.reject(staged, new MillraceError('RECORD_NO_TIME', { field }));
      return;
    }
    const { topic, partition, offset } = cursor;
    const source = originalOf(cursor, time);
    const place = { topic, partition, offset };
    const record = new ProcessorRecord({ ...place, value, key: source.text, headers: source.headers, time, source });
    fed.get(this.#unitOf(topic, partition))?.records.push(record);
  }

  /** Takes what the processors have emitted through the steps behind them. */
  async #collect(): Promise<void> {
    for (const unit of this.#units.values()) {
      const { outputs, rejected, offset } = unit.runner.take();
      for (const output of outputs) this.#emit(output);
      for (const one of rejected) this.#reject(one);
      const { topic, partition } = unit;
      if (offset !== undefined) this.#offsets.set(partitionKey({ topic, partition }), { topic, partition, offset });
    }
    await this.#suffix.settle(({ batch, row, value, dropped }) => {
      if (!dropped) this.#emitter.forwardOrReject(batch, row, value);
    });
  }

  #emit(record: ProcessorRecord): void {
    const value = emittedValue(record);
    if (value instanceof Error) {
      const { faultOf } = (this.#step.definition as ProcessorDefinition).processor;
      this.#reject({ record, code: value.code, message: (faultOf?.(value) ?? value).message });
      return;
    }
    this.#suffix.addValue({ batch: rowOf(record), row: 0 }, value, record);
  }

  /** A dead letter of a step behind the processor goes on there: it is not to be given to the processor again. */
  #madeOf(record: ProcessorRecord | undefined): Made | undefined {
    if (record === undefined) return undefined;
    return { step: this.#step.id, time: record.time, text: JSON.stringify(emittedValue(record)) };
  }

  #reject({ record, code, message }: RejectedRecord): void {
    const policy = this.#step.onError ?? this.#node.onError;
    const rejection: Rejection = { code, message, step: this.#step.id, policy };
    const letter = letterOf(record);
    if (policy === 'fail') throw new ProgramFailure(rejection, letter, 0);
    this.#emitter.reject(letter, 0, rejection);
  }

  #unitOf(topic: string, partition: number): Unit {
    const unit = this.#units.get(partitionKey({ topic, partition }));
    if (unit === undefined) throw new MillraceError('RUNTIME_INTERNAL', { reason: `${topic} ${partition} was read unassigned` });
    return unit;
  }
}

/** Steps around the processor, in the form of a chain. */
function elementOf(step: StepNode): AsyncElement {
  const { definition } = step;
  return isAsync(definition) ? { kind: 'async', step: { ...step, definition } } : { kind: 'steps', steps: [step] };
}
