import { SourceBatch } from './source-batch.ts';

/**
 * A source that awaits none of its emits is stopped when so much waits in full micro-batches: every buffer has a bound. Sources
 * that bound what they have in flight themselves have to stay well below it.
 */
const MAX_WAITING_BYTES = 64_000_000;
const MAX_WAITING_RECORDS = 4_000_000;
/** What the last emit may bring beyond the bound of a micro-batch. */
const LAST_EMIT_BYTES = 1_500_000;

export interface SourceBatchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** The micro-batches of a source: the one that is filled, the full ones that wait for their commit, and those to use again. */
export class SourceBatches {
  readonly #topics: readonly string[];
  readonly #limits: SourceBatchLimits;
  readonly #full: SourceBatch[] = [];
  readonly #spare: SourceBatch[] = [];
  #open: SourceBatch;
  #bytes = 0;
  #records = 0;

  constructor(topics: readonly string[], limits: SourceBatchLimits) {
    this.#topics = topics;
    this.#limits = limits;
    this.#open = this.#empty();
  }

  /** The one that is filled. */
  get open(): SourceBatch {
    return this.#open;
  }

  /** How many are full. */
  get full(): number {
    return this.#full.length;
  }

  /** Whether there is anything to commit. */
  get any(): boolean {
    return this.#full.length > 0 || !this.#open.untouched;
  }

  /** Whether more waits than a source may have in flight. */
  get tooMuch(): boolean {
    return this.#bytes > MAX_WAITING_BYTES || this.#records > MAX_WAITING_RECORDS;
  }

  /** Puts the open one among the full ones if it is full, and opens another. Returns whether it was. */
  turn(): boolean {
    const { maxRecords, maxBytes } = this.#limits;
    const open = this.#open;
    if (open.records < maxRecords && open.outputs.bytes < maxBytes) return false;
    this.#full.push(open);
    this.#bytes += open.bytes;
    this.#records += open.records;
    this.#open = this.#empty();
    return true;
  }

  /** The next to commit: the oldest full one, else the open one as it is. */
  take(): SourceBatch {
    const batch = this.#full.shift();
    if (batch === undefined) {
      const open = this.#open;
      this.#open = this.#empty();
      return open;
    }
    this.#bytes -= batch.bytes;
    this.#records -= batch.records;
    return batch;
  }

  /** Gives back one whose memory is free. */
  give(batch: SourceBatch): void {
    this.#spare.push(batch);
  }

  /** Rejects all who wait for a commit of what has not been taken, oldest first; the full ones are void. */
  reject(error: unknown): void {
    this.#bytes = 0;
    this.#records = 0;
    for (const batch of [...this.#full.splice(0), this.#open]) {
      for (const { reject } of batch.waiters.splice(0)) reject(error);
    }
  }

  #empty(): SourceBatch {
    const batch = this.#spare.pop() ?? new SourceBatch(this.#topics, this.#limits.maxBytes + LAST_EMIT_BYTES);
    batch.reset(0);
    return batch;
  }
}
