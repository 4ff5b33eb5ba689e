import type { JsonValue } from '../record/json.ts';
import { MicroBatch } from './micro-batch.ts';

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
