import { Column, RecordBatch, STRIDE } from './batch.ts';

/** Starting sizes: grown by doubling, kept over {@link BatchBuilder.reset}. */
const FIRST_ARENA = 64 * 1024;
const FIRST_ROWS = 256;

/** A UTF-16 code unit takes at most 3 bytes of UTF-8 (a surrogate pair takes 4 for 2 units). */
const MAX_UTF8_PER_UNIT = 3;

/**
 * Builds a {@link RecordBatch} record by record: {@link begin} starts one, the setters that follow fill it.
 * Made to be reused: `reset` keeps the memory.
 */
export class BatchBuilder {
  #arena: Buffer;
  #index: Float64Array;
  #rows = 0;
  #end = 0;
  #row = 0;
  readonly #topics: string[] = [];

  constructor(topics: readonly string[] = []) {
    this.#arena = Buffer.allocUnsafeSlow(FIRST_ARENA);
    this.#index = new Float64Array(FIRST_ROWS * STRIDE);
    this.#topics.push(...topics);
  }

  /** Records so far. */
  get length(): number {
    return this.#rows;
  }

  /** Bytes of keys, values and headers so far. */
  get bytes(): number {
    return this.#end;
  }

  /** The number of `topic` for {@link begin}, added when new. */
  topicIndex(topic: string): number {
    const known = this.#topics.indexOf(topic);
    return known >= 0 ? known : this.#topics.push(topic) - 1;
  }

  /** Starts a record with a null key, a null value and no headers. `partition` -1: by the partitioner. */
  begin(topic: number, partition: number, timestamp: number): void {
    const row = this.#rows * STRIDE;
    if (row + STRIDE > this.#index.length) {
      const grown = new Float64Array(this.#index.length * 2);
      grown.set(this.#index);
      this.#index = grown;
    }
    const index = this.#index;
    index[row + Column.topic] = topic;
    index[row + Column.partition] = partition;
    index[row + Column.offset] = -1;
    index[row + Column.timestamp] = timestamp;
    index[row + Column.keyStart] = 0;
    index[row + Column.keyLength] = -1;
    index[row + Column.valueStart] = 0;
    index[row + Column.valueLength] = -1;
    index[row + Column.headersStart] = 0;
    index[row + Column.headersLength] = 0;
    this.#row = row;
    this.#rows += 1;
  }

  /** Takes back the record begun last, with its bytes. */
  undo(): void {
    const row = this.#row;
    for (const [start, length] of [
      [Column.keyStart, Column.keyLength],
      [Column.valueStart, Column.valueLength],
      [Column.headersStart, Column.headersLength],
    ] as const) {
      if ((this.#index[row + length] as number) > 0) this.#end = Math.min(this.#end, this.#index[row + start] as number);
    }
    this.#rows -= 1;
    this.#row = row - STRIDE;
  }

  /** Sets the offset that the record came from, for batches whose rows keep their origin. */
  offset(offset: number): void {
    this.#index[this.#row + Column.offset] = offset;
  }

  key(bytes: Uint8Array | string | null): void {
    this.#put(Column.keyStart, bytes);
  }

  value(bytes: Uint8Array | string | null): void {
    this.#put(Column.valueStart, bytes);
  }

  /** The memory that {@link openValue} gives room in. It changes whenever the builder grows: ask again after each call. */
  get arena(): Buffer {
    return this.#arena;
  }

  /**
   * Makes room for a value of at most `bytes` bytes, for encoders that write bytes themselves: they write into
   * {@link arena} from the returned place on, and say by {@link endValue} where they ended. One opened and never ended
   * leaves the record's value null.
   */
  openValue(bytes: number): number {
    this.#reserve(bytes);
    return this.#end;
  }

  /** Ends the value begun by {@link openValue} before the arena's byte `end`. */
  endValue(end: number): void {
    const at = this.#row + Column.valueStart;
    this.#index[at] = this.#end;
    this.#index[at + 1] = end - this.#end;
    this.#end = end;
  }

  /** Sets the headers from their packed form (see headers.ts). */
  headers(packed: Uint8Array): void {
    if (packed.length > 0) this.#put(Column.headersStart, packed);
  }

  /** Adds a copy of a record with its key, value and headers; `value`, where given, takes the place of its own. */
  copy(batch: RecordBatch, row: number, target: { topic: number; partition: number }, value?: string): void {
    this.begin(target.topic, target.partition, batch.timestamp(row));
    this.#copyRange(batch, row, Column.keyStart);
    if (value === undefined) this.#copyRange(batch, row, Column.valueStart);
    else this.value(value);
    if (batch.column(row, Column.headersLength) > 0) this.#copyRange(batch, row, Column.headersStart);
  }

  /** What has been built. The batch shares this builder's memory: it is valid until the next `reset` or `begin`. */
  batch(): RecordBatch {
    return new RecordBatch({ topics: this.#topics, length: this.#rows, arena: this.#arena, index: this.#index });
  }

  /** Forgets the records, keeps the memory and the topics. */
  reset(): void {
    this.#rows = 0;
    this.#end = 0;
    this.#row = 0;
  }

  /** Puts bytes into the arena and their range into two neighbouring columns. */
  #put(startColumn: number, bytes: Uint8Array | string | null): void {
    const at = this.#row + startColumn;
    if (bytes === null) {
      this.#index[at + 1] = -1;
      return;
    }
    const start = this.#end;
    if (typeof bytes === 'string') {
      this.#reserve(bytes.length * MAX_UTF8_PER_UNIT);
      this.#end += this.#arena.write(bytes, start, 'utf8');
    } else {
      this.#reserve(bytes.length);
      this.#arena.set(bytes, start);
      this.#end += bytes.length;
    }
    this.#index[at] = start;
    this.#index[at + 1] = this.#end - start;
  }

  #copyRange(batch: RecordBatch, row: number, startColumn: number): void {
    const length = batch.column(row, startColumn + 1);
    const at = this.#row + startColumn;
    this.#index[at + 1] = length;
    if (length <= 0) return;
    const from = batch.column(row, startColumn);
    this.#reserve(length);
    batch.arena.copy(this.#arena, this.#end, from, from + length);
    this.#index[at] = this.#end;
    this.#end += length;
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#arena.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#arena.length * 2));
    this.#arena.copy(grown, 0, 0, this.#end);
    this.#arena = grown;
  }
}
