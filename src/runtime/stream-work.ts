import type { TopicPartition, TopicPartitionOffset } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { MicroBatch } from './micro-batch.ts';

/** What a stream does with its micro-batches, apart from taking and committing them. */
export interface StreamWork {
  /** Which micro-batch its outputs go into from now on. */
  into(batch: MicroBatch): void;
  /** Processes a read. */
  run(read: RecordBatch): Promise<void> | void;
  /** Before the first read of a micro-batch: goes on with what the last one had no room for. True where this one is full as well. */
  resume?(): boolean;
  /** Looks at the clock, between reads: time may have passed for what nothing arrives for. True where that has changed anything to be committed. */
  tick(): boolean;
  /** The micro-batch is complete: state and watermarks go into its outputs. */
  end(batch: MicroBatch): Promise<void> | void;
  /** A micro-batch that was ended is durable. */
  committed(batch: MicroBatch): void;
  /** Nothing that is not durable has happened; `inDoubt`: what is durable only Kafka knows. */
  rollback(inDoubt: boolean): Promise<void> | void;
  /** Loads what belongs to partitions before they are read; may be called beside everything else. */
  restore(partitions: readonly TopicPartition[]): Promise<void>;
  /** Partitions are about to be given up; nothing of theirs is in flight, and nobody else has them yet. */
  beforeGiveUp(): Promise<void> | void;
  /** The partitions are another task's. Nothing of theirs is in flight. */
  giveUp(partitions: readonly TopicPartition[]): void;
  /** The end of a bounded run: emits what is open. True where there was anything. */
  emitOpen(batch: MicroBatch): Promise<boolean> | boolean;
  /** Partitions are about to be given up, or the task ends: emits what is kept. True where there was anything to be committed. */
  leave?(batch: MicroBatch): Promise<boolean>;
  /** The offsets to commit with a micro-batch that was ended, where they are others than those of the records that it took. */
  offsets?(batch: MicroBatch): readonly TopicPartitionOffset[];
  /**
   * Makes `run`, `end`, `leave` or `emitOpen`, if it waits for something outside, reject soon with nothing left at work, or settle. What was
   * under way is void then: `rollback` follows.
   */
  interrupt(): void;
  close(): Promise<void>;
}
