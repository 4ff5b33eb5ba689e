import type { TopicPartitionOffset } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import { Column, STRIDE } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';

/**
 * What a task takes, processes and commits as one unit: the records to write, and the input offsets they come from.
 * Reused from one micro-batch to the next, so that its memory is taken once.
 */
export class MicroBatch {
  /** Everything to be written in the transaction: outputs, dead letters, positions. */
  readonly outputs: BatchBuilder;
  readonly #next = new Map<string, Map<number, number>>();
  readonly #taken = new Map<string, number>();
  /** Input records and bytes taken. */
  records = 0;
  bytes = 0;
  /** Output records other than dead letters and positions, and the dead letters. */
  forwarded = 0;
  deadLetters = 0;
  dropped = 0;
  /** The epoch in which it was taken: after a failure, what was taken before is void. */
  epoch = 0;

  /** `topics`: the topics written to, by the numbers that rows will hold. `usualBytes`: of its outputs, when it is full. */
  constructor(topics: readonly string[], usualBytes = 0) {
    this.outputs = new BatchBuilder(topics, usualBytes);
  }

  reset(epoch: number): void {
    this.outputs.reset();
    this.#next.clear();
    this.#taken.clear();
    this.records = 0;
    this.bytes = 0;
    this.forwarded = 0;
    this.deadLetters = 0;
    this.dropped = 0;
    this.epoch = epoch;
  }

  /** Whether there is nothing to commit. */
  get empty(): boolean {
    return this.records === 0 && this.outputs.length === 0;
  }

  /** Counts the records of a read in, and moves the offsets past them. */
  take(batch: RecordBatch): void {
    const { index, length } = batch;
    let topic = -1;
    let first = 0;
    let partitions: Map<number, number> | undefined;
    for (let row = 0; row < length; row += 1) {
      const at = row * STRIDE;
      const rowTopic = index[at + Column.topic] as number;
      if (rowTopic !== topic || partitions === undefined) {
        if (row > 0) this.#countTaken(batch.topics[topic] as string, row - first);
        topic = rowTopic;
        first = row;
        partitions = this.#partitionsOf(batch.topics[topic] as string);
      }
      partitions.set(index[at + Column.partition] as number, (index[at + Column.offset] as number) + 1);
      this.bytes += Math.max(0, index[at + Column.keyLength] as number) + Math.max(0, index[at + Column.valueLength] as number);
    }
    if (length > 0) this.#countTaken(batch.topics[topic] as string, length - first);
    this.records += length;
  }

  /** The offsets to commit: the next one to read of each partition taken from. */
  offsets(): TopicPartitionOffset[] {
    const all: TopicPartitionOffset[] = [];
    for (const [topic, partitions] of this.#next) {
      for (const [partition, offset] of partitions) all.push({ topic, partition, offset });
    }
    return all;
  }

  /** Input records by topic. */
  recordsByTopic(): ReadonlyMap<string, number> {
    return this.#taken;
  }

  #countTaken(topic: string, records: number): void {
    this.#taken.set(topic, (this.#taken.get(topic) ?? 0) + records);
  }

  #partitionsOf(topic: string): Map<number, number> {
    let partitions = this.#next.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#next.set(topic, partitions);
    }
    return partitions;
  }
}
