import type { BatchConsumer } from '../kafka/types.ts';
import { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Committer } from './committer.ts';
import { DeliveryBatch } from './sink-batch.ts';

export interface SinkCommitterOptions {
  readonly committer: Committer;
  readonly consumer: BatchConsumer;
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
    await this.#committing;
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
    const started = clock.monotonic();
    try {
      await this.#commit(units);
      this.#last = clock.monotonic();
      onCommit(units, (this.#last - started) / 1000);
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

  async #commit(units: readonly DeliveryBatch[]): Promise<void> {
    const { committer, consumer } = this.#options;
    const offsets = DeliveryBatch.offsetsOf(units);
    if (units.every((unit) => unit.outputs.length === 0)) {
      await consumer.commit(offsets);
      return;
    }
    this.#dead.reset();
    for (const unit of units) {
      const batch = unit.outputs.batch();
      const target = { topic: batch.length > 0 ? this.#dead.topicIndex(batch.topic(0)) : 0, partition: -1 };
      for (let row = 0; row < batch.length; row += 1) this.#dead.copy(batch, row, target);
    }
    await committer.commit({ outputs: this.#dead.length > 0 ? this.#dead.batch() : RecordBatch.empty, offsets, consumer });
  }
}
