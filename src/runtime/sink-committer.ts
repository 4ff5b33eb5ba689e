import { isKafkaError } from '../kafka/error.ts';
import type { BatchConsumer, TopicPartitionOffset } from '../kafka/types.ts';
import { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Committer } from './committer.ts';
import { DeliveryBatch } from './sink-batch.ts';

/** A coordinator that moves, or a group between two generations, refuses a commit for a moment; the same commit is then made again. */
const COMMIT_TRIES = 10;
const COMMIT_PAUSE_MS = 100;

/** Delivered units that may wait for the commit of one before them. */
const MAX_WAITING_UNITS = 16;
const MAX_WAITING_BYTES = 32_000_000;

export interface SinkCommitterOptions {
  readonly committer: Committer;
  readonly consumer: BatchConsumer;
  /** Throws where the input is another member's. */
  readonly assertOwned: () => void;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly onCommit: (units: readonly DeliveryBatch[], seconds: number) => void;
}

/**
 * Commits a sink's deliveries in the order they were taken: the offsets never pass a record that is not yet delivered.
 * Dead letters go into the transaction of their offsets; without dead letters the offsets are committed to the group
 * alone, which checks the membership and costs a tenth.
 */
export class SinkCommitter {
  readonly #options: SinkCommitterOptions;
  readonly #queue: DeliveryBatch[] = [];
  readonly #spares: DeliveryBatch[] = [];
  readonly #dead = new BatchBuilder();
  #committing: Promise<void> | undefined;
  #last = Number.NEGATIVE_INFINITY;
  /** Why the last commit did not succeed; the owner recovers. */
  failure: unknown;

  constructor(options: SinkCommitterOptions) {
    this.#options = options;
  }

  /** A unit that can be used again. */
  spare(): DeliveryBatch | undefined {
    return this.#spares.pop();
  }

  /**
   * Whether no more may be delivered before something commits: a unit that cannot be delivered holds back the commit of all
   * behind it, which a crash would deliver again.
   */
  get full(): boolean {
    const waiting = this.#queue.filter((unit) => unit.done);
    return waiting.length >= MAX_WAITING_UNITS || waiting.reduce((sum, unit) => sum + unit.bytes, 0) >= MAX_WAITING_BYTES;
  }

  /** Whether everything taken up has been committed. */
  get empty(): boolean {
    return this.#queue.length === 0 && this.#committing === undefined;
  }

  /** Takes a unit up for committing once it is done. */
  add(unit: DeliveryBatch): void {
    this.#queue.push(unit);
  }

  /** Some delivery has ended: commits what is done at the head of the queue, at the commit interval. */
  advance(): void {
    if (this.#committing !== undefined || this.failure !== undefined || this.#queue[0]?.done !== true) return;
    this.#committing = this.#run().finally(() => {
      this.#committing = undefined;
      // What ended meanwhile may have become the head.
      this.advance();
    });
  }

  /** Commits all that is done now, without waiting for the interval. Does not reject: see `failure`. */
  async flush(): Promise<void> {
    this.#last = Number.NEGATIVE_INFINITY;
    for (;;) {
      this.advance();
      if (this.#committing === undefined) return;
      await this.#committing;
    }
  }

  /** Settles when no commit is under way. */
  async settled(): Promise<void> {
    while (this.#committing !== undefined) await this.#committing;
  }

  /** Forgets the units that are not done and all behind them: they are read again. */
  dropUndone(): void {
    const first = this.#queue.findIndex((unit) => !unit.done);
    if (first >= 0) this.#spares.push(...this.#queue.splice(first));
  }

  /** After a failed commit: forgets everything, and the failure. */
  forget(): void {
    this.#spares.push(...this.#queue.splice(0));
    this.failure = undefined;
  }

  async #run(): Promise<void> {
    const { clock, intervalMs, onCommit } = this.#options;
    const due = this.#last + intervalMs - clock.monotonic();
    if (due > 0) await clock.sleep(due);
    const units = this.#takeDone();
    if (units.length === 0) return;
    this.#last = clock.monotonic();
    try {
      await this.#commit(units);
      onCommit(units, (clock.monotonic() - this.#last) / 1000);
    } catch (error) {
      this.failure = error;
    } finally {
      this.#spares.push(...units);
    }
  }

  #takeDone(): DeliveryBatch[] {
    const first = this.#queue.findIndex((unit) => !unit.done);
    return this.#queue.splice(0, first < 0 ? this.#queue.length : first);
  }

  /** Committing offsets again does no harm, while giving up would deliver again what has been delivered. */
  async #commitOffsets(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const { consumer, clock } = this.#options;
    for (let left = COMMIT_TRIES; ; left -= 1) {
      try {
        await consumer.commit(offsets);
        return;
      } catch (error) {
        if (left === 1 || !isKafkaError(error) || !error.retriable || error.fatal) throw error;
        await clock.sleep(COMMIT_PAUSE_MS);
      }
    }
  }

  async #commit(units: readonly DeliveryBatch[]): Promise<void> {
    const { committer, consumer, assertOwned } = this.#options;
    const offsets = DeliveryBatch.offsetsOf(units);
    if (units.every((unit) => unit.outputs.length === 0)) {
      await this.#commitOffsets(offsets);
      return;
    }
    this.#dead.reset();
    for (const unit of units) {
      const batch = unit.outputs.batch();
      const target = { topic: batch.length > 0 ? this.#dead.topicIndex(batch.topic(0)) : 0, partition: -1 };
      for (let row = 0; row < batch.length; row += 1) this.#dead.copy(batch, row, target);
    }
    await committer.commit({
      outputs: this.#dead.length > 0 ? this.#dead.batch() : RecordBatch.empty,
      offsets,
      consumer,
      assertOwned,
    });
  }
}
