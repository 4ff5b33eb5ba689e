import type { RecordBatch } from '../../record/batch.ts';

/** What became of the transaction that a record belongs to. */
export interface LogTransaction {
  state: 'open' | 'committed' | 'aborted';
}

/** What stands at one offset of a partition: a record, or the marker that ends a transaction. */
export interface LogEntry {
  readonly offset: number;
  readonly transaction: LogTransaction | undefined;
  readonly record: LogRecord | undefined;
}

export interface LogRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer;
  readonly timestamp: number;
}

/** One partition: records and transaction markers, in memory. */
export class MemoryLog {
  readonly entries: LogEntry[] = [];
  /** No transaction is open before this offset, and none opens there any more. */
  #settled = 0;

  get high(): number {
    return this.entries.length;
  }

  /** The last stable offset: what lies behind it may belong to an open transaction. */
  get stable(): number {
    while (this.#settled < this.high && this.entries[this.#settled]?.transaction?.state !== 'open') this.#settled += 1;
    return this.#settled;
  }

  /** Whether there is a record from an offset on that is not void. */
  hasRecords(from: number): boolean {
    for (let at = from; at < this.high; at += 1) {
      const { record, transaction } = this.entries[at] as LogEntry;
      if (record !== undefined && transaction?.state !== 'aborted') return true;
    }
    return false;
  }

  append(record: LogRecord | undefined, transaction: LogTransaction | undefined): void {
    this.entries.push({ offset: this.high, record, transaction });
  }

  /** Records as a reader who reads committed sees them. */
  committed(): readonly (LogRecord & { readonly offset: number })[] {
    return this.entries
      .slice(0, this.stable)
      .flatMap(({ offset, record, transaction }) =>
        record === undefined || transaction?.state === 'aborted' ? [] : [{ ...record, offset }],
      );
  }
}

/** A copy of a row, as it lies in a broker. */
export function recordAt(batch: RecordBatch, row: number, now: number): LogRecord {
  const copied = (bytes: Buffer | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
  const timestamp = batch.timestamp(row);
  return {
    key: copied(batch.key(row)),
    value: copied(batch.value(row)),
    headers: Buffer.from(batch.headersBytes(row)),
    timestamp: timestamp < 0 ? now : timestamp,
  };
}
