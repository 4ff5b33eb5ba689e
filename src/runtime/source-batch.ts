import type { JsonValue } from '../record/json.ts';
import { MicroBatch } from './micro-batch.ts';

/**
 * A source that awaits none of its emits is stopped when so much waits in full micro-batches: every buffer has a bound. Sources
 * that bound what they have in flight themselves have to stay well below it.
 */
const MAX_WAITING_BYTES = 64_000_000;
const MAX_WAITING_RECORDS = 4_000_000;

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

/** A micro-batch of a source, with the emits that wait for its commit and the positions it stores. */
export class SourceBatch extends MicroBatch {
  readonly waiters: Waiter[] = [];
  readonly positions = new Map<string, JsonValue | null>();

  /** Positions without their records would skip what was never written. */
  override reset(epoch: number): void {
    super.reset(epoch);
    this.positions.clear();
  }

  /** Whether nothing has been emitted into it, not even an empty batch whose sender waits. */
  get untouched(): boolean {
    return this.records === 0 && this.positions.size === 0 && this.waiters.length === 0;
  }
}

/** Micro-batches that are full and wait for their commit, oldest first. */
export class FullBatches {
  readonly #queue: SourceBatch[] = [];
  #bytes = 0;
  #records = 0;

  get length(): number {
    return this.#queue.length;
  }

  /** Whether more waits than a source may have in flight. */
  get tooMuch(): boolean {
    return this.#bytes > MAX_WAITING_BYTES || this.#records > MAX_WAITING_RECORDS;
  }

  push(batch: SourceBatch): void {
    this.#queue.push(batch);
    this.#bytes += batch.bytes;
    this.#records += batch.records;
  }

  shift(): SourceBatch | undefined {
    const batch = this.#queue.shift();
    if (batch !== undefined) {
      this.#bytes -= batch.bytes;
      this.#records -= batch.records;
    }
    return batch;
  }

  takeAll(): SourceBatch[] {
    this.#bytes = 0;
    this.#records = 0;
    return this.#queue.splice(0);
  }
}
