import { MillraceError } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import { Column } from '../record/batch.ts';
import type { BatchBuilder, CopyTarget } from '../record/batch-builder.ts';
import type { ByteWay } from '../record/byte-way.ts';
import { encodeHeaders } from '../record/headers.ts';
import type { JsonObject } from '../record/json.ts';
import { JsonEncoder } from '../record/json-encoder.ts';
import { isStage } from '../topology/stages.ts';
import type { Codec, SourceNode, StreamNode } from '../topology/types.ts';
import { withoutOwnHeaders } from './dead-letter.ts';
import type { TaskEnvironment } from './task.ts';
import { outputsOf } from './topics.ts';

/** Kafka's default of max.message.bytes. */
const BROKER_RECORD_BYTES = 1_048_588;
/** Headers of the batch and the record, with much to spare. */
const BATCH_OVERHEAD_BYTES = 1_024;

/** The topics that a task writes: their numbers in a batch, their codecs, and the partition each record goes to. */
export class OutputTopics {
  /** All of them, by their numbers. */
  readonly all: readonly string[];
  /** The number of `to`; -1 where every record is routed. */
  readonly main: number;
  readonly dead: number;
  /** The number of the topic of the stage's state; -1 where it has none. */
  readonly changelog: number;
  /** Whether values must be written anew because input and output have different codecs. */
  readonly transcodes: boolean;
  readonly #partitions: readonly number[];
  readonly #codecs: readonly Codec[];
  readonly #codecByTopic: ReadonlyMap<string, Codec>;
  readonly #retry: string;
  /** The first of the topics read; '' for a source. */
  readonly #input: string;
  readonly #encoder = new JsonEncoder();
  /** Which topics the broker stamps. Another one may keep the time it is given. */
  readonly #stamped: readonly boolean[];
  /** The most bytes that a record may have in each topic. */
  readonly #limits: readonly number[];
  readonly #target = { topic: 0, partition: 0, stamped: false };

  constructor(env: TaskEnvironment, node: StreamNode | SourceNode) {
    const { pipeline, names } = env;
    const outputs = outputsOf(node);
    const changelog = node.kind === 'stream' && isStage(node) ? node.changelog : undefined;
    this.all = [...outputs, names.dead(pipeline.name), changelog ?? names.positions];
    this.changelog = changelog === undefined ? -1 : outputs.length + 1;
    this.main = node.to === undefined ? -1 : 0;
    this.dead = outputs.length;
    this.#retry = names.retry(pipeline.name, node.name);
    this.#input = node.kind === 'stream' ? (node.from[0] ?? '') : '';
    this.#codecByTopic = new Map(pipeline.topics.map((topic) => [topic.name, topic.codec]));
    this.#partitions = outputs.map((topic) => env.partitionsOf(topic));
    this.#codecs = outputs.map((topic) => this.codecOf(topic));
    this.#stamped = outputs.map((topic) => env.stampedByBroker(topic));
    this.#limits = outputs.map((topic) => recordLimit(topic, env));
    const inputs = node.kind === 'stream' ? node.from.map((topic) => this.codecOf(topic)) : (['json'] as const);
    this.transcodes = inputs.some((input) => this.#codecs.some((output) => output !== input));
  }

  /** How values of a topic are written. A task's retry topic holds what its input topics held. */
  readonly codecOf = (topic: string): Codec => this.#codecByTopic.get(topic === this.#retry ? this.#input : topic) ?? 'json';

  /** The number of a routed topic. */
  named(topic: string): number {
    return this.all.indexOf(topic);
  }

  partitions(topic: number): number {
    return this.#partitions[topic] as number;
  }

  /**
   * Writes a record of a read to topic number `to`, under its own key or the one given. With a key the partitioner chooses the partition; without one it
   * keeps the partition it had, modulo the count. Throws RECORD_TOO_LARGE where the topic does not take it, and then has
   * written nothing: sent, it would make every try of its micro-batch fail.
   */
  write(
    outputs: BatchBuilder,
    record: { batch: RecordBatch; row: number },
    to: number,
    value: JsonObject | undefined,
    key?: string,
  ): void {
    const { batch, row } = record;
    const target = this.#aim(batch, row, to);
    if (key !== undefined) this.#target.partition = -1;
    if (value === undefined) outputs.copy(batch, row, target);
    else this.#writeValue(outputs, record, value);
    if (key !== undefined) outputs.key(key);
    if (batch.column(row, Column.headersLength) > 0 && batch.topic(row) === this.#retry) {
      outputs.headers(encodeHeaders(withoutOwnHeaders(batch.headers(row))));
    }
    const bytes = outputs.recordBytes;
    const limit = this.#limits[to] as number;
    if (bytes <= limit) return;
    outputs.undo();
    throw new MillraceError('RECORD_TOO_LARGE', { topic: this.all[to] as string, bytes, limit });
  }

  /** Writes a record to the main topic by a byte way; false where it has to be written the ordinary way, which then says why. */
  writeBytes(outputs: BatchBuilder, record: { batch: RecordBatch; row: number }, way: ByteWay): boolean {
    const { batch, row } = record;
    if (this.main < 0 || batch.column(row, Column.headersLength) > 0) return false;
    const target = this.#aim(batch, row, this.main);
    outputs.copyWithoutValue(batch, row, target);
    if (outputs.valueFrom(batch, row, way) && outputs.recordBytes <= (this.#limits[this.main] as number)) return true;
    outputs.undo();
    return false;
  }

  /** Whether the main topic takes every record of a read as it is. */
  takes(batch: RecordBatch): boolean {
    const limit = this.#limits[this.main] as number;
    for (let row = 0; row < batch.length; row += 1) {
      const key = Math.max(0, batch.column(row, Column.keyLength));
      const value = Math.max(0, batch.column(row, Column.valueLength));
      if (key + value + batch.column(row, Column.headersLength) > limit) return false;
    }
    return true;
  }

  /** Where a record goes in topic number `to`. */
  #aim(batch: RecordBatch, row: number, to: number): CopyTarget {
    const target = this.#target;
    target.topic = to;
    target.stamped = this.#stamped[to] as boolean;
    target.partition = batch.column(row, Column.keyLength) < 0 ? batch.partition(row) % (this.#partitions[to] as number) : -1;
    return target;
  }

  #writeValue(outputs: BatchBuilder, { batch, row }: { batch: RecordBatch; row: number }, value: JsonObject): void {
    outputs.copyWithoutValue(batch, row, this.#target);
    try {
      if (this.#codecs[this.#target.topic] === 'text') outputs.value(textOf(value));
      else this.#encoder.write(outputs, value);
    } catch (error) {
      outputs.undo();
      throw error;
    }
  }

  /** Writes all records of a read to the main topic as they are. */
  writeAll(outputs: BatchBuilder, batch: RecordBatch): void {
    // A replayed dead letter has headers to be taken off, so such a read goes record by record.
    if (!batch.topics.includes(this.#retry)) {
      outputs.copyAll(batch, {
        topic: this.main,
        partitions: this.#partitions[this.main] as number,
        stamped: this.#stamped[this.main] as boolean,
      });
      return;
    }
    for (let row = 0; row < batch.length; row += 1) this.write(outputs, { batch, row }, this.main, undefined);
  }

  /** What a batch of outputs weighs in each topic, for the gate. */
  load(outputs: RecordBatch): Map<string, { records: number; bytes: number }> {
    const load = new Map<string, { records: number; bytes: number }>();
    for (let row = 0; row < outputs.length; row += 1) {
      const topic = outputs.topic(row);
      const entry = load.get(topic) ?? { records: 0, bytes: 0 };
      entry.records += 1;
      entry.bytes += Math.max(0, outputs.column(row, Column.valueLength));
      load.set(topic, entry);
    }
    return load;
  }
}

/** The limit of the broker for a batch with one record, less what the batch adds to the record. */
function recordLimit(topic: string, { pipeline, settings }: TaskEnvironment): number {
  const declared = pipeline.topics.find(({ name }) => name === topic)?.config['max.message.bytes'];
  const limit = Number(declared ?? settings.kafka.options['message.max.bytes'] ?? BROKER_RECORD_BYTES);
  return limit - BATCH_OVERHEAD_BYTES;
}

/** What a topic of texts holds of a record: its `message`, or the whole value where it has none. */
function textOf(value: JsonObject): string {
  const { message } = value;
  return typeof message === 'string' ? message : JSON.stringify(value);
}
