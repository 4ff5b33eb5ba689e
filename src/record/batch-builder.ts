import { Column, RecordBatch, STRIDE } from './batch.ts';
import type { ByteWay } from './byte-way.ts';
import { writeText } from './write-text.ts';

/** Starting sizes, taken with the first record: grown by doubling, kept over {@link BatchBuilder.reset}. */
const FIRST_ARENA = 64 * 1024;
const FIRST_ROWS = 256;
/** Of builders that nothing was put into: a task has some that it may never use. */
const NO_BYTES = Buffer.allocUnsafeSlow(0);
const NO_ROWS = new Float64Array(0);

/** A large arena grows by steps: doubled, it would be half empty, and its predecessor stays until it is collected. */
const MAX_GROWTH = 4 * 1024 * 1024;
/** A very large one by this part of itself, or all that it holds would be copied for every few records. */
const LARGE_GROWTH = 0.25;
/** How many times what is usual it keeps for the next use. */
const KEPT = 2;

/** A UTF-16 code unit takes at most 3 bytes of UTF-8 (a surrogate pair takes 4 for 2 units). */
const MAX_UTF8_PER_UNIT = 3;

/** Where a copy goes. */
export interface CopyTarget {
  readonly topic: number;
  /** -1: by the partitioner. */
  readonly partition: number;
  /** The broker sets the time (LogAppendTime), so none is sent: a record with one costs a fifth more to queue. */
  readonly stamped?: boolean;
}

/**
 * Builds a {@link RecordBatch} record by record: {@link begin} starts one, the setters that follow fill it.
 * Made to be reused: `reset` keeps the memory.
 */
export class BatchBuilder {
  #arena: Buffer = NO_BYTES;
  #index = NO_ROWS;
  #rows = 0;
  #end = 0;
  #row = 0;
  readonly #topics: string[] = [];
  readonly #usual: number;

  /**
   * `usual`: how many bytes it holds when it is full. Once it is large it grows to that at once, for every smaller arena that it
   * had on the way stays in memory until it is collected.
   */
  constructor(topics: readonly string[] = [], usual = 0) {
    this.#usual = usual;
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

  /** Bytes of key, value and headers of the record begun last. */
  get recordBytes(): number {
    const index = this.#index;
    const row = this.#row;
    const key = Math.max(0, index[row + Column.keyLength] as number);
    const value = Math.max(0, index[row + Column.valueLength] as number);
    return key + value + Math.max(0, index[row + Column.headersLength] as number);
  }

  /** The number of `topic` for {@link begin}, added when new. */
  topicIndex(topic: string): number {
    const known = this.#topics.indexOf(topic);
    return known >= 0 ? known : this.#topics.push(topic) - 1;
  }

  /** Starts a record with a null key, a null value and no headers. `partition` -1: by the partitioner. */
  begin(topic: number, partition: number, timestamp: number): void {
    this.#reserveRows(1);
    const row = this.#rows * STRIDE;
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

  /** Sets the value by a way from bytes to bytes; false, with nothing set, where it gives up. */
  valueFrom(batch: RecordBatch, row: number, way: ByteWay): boolean {
    const length = batch.column(row, Column.valueLength);
    if (length < 0) return false;
    const start = batch.column(row, Column.valueStart);
    const at = this.openValue(way.bound(length));
    const end = way.write(batch.arena, start, start + length, this.#arena, at);
    if (end < 0) return false;
    this.endValue(end);
    return true;
  }

  /** Sets the headers from their packed form (see headers.ts). */
  headers(packed: Uint8Array): void {
    if (packed.length > 0) this.#put(Column.headersStart, packed);
    else this.#index[this.#row + Column.headersLength] = 0;
  }

  /** Adds a copy of a record with its key, value and headers. */
  copy(batch: RecordBatch, row: number, target: CopyTarget): void {
    this.copyWithoutValue(batch, row, target);
    this.#copyRange(batch, row, Column.valueStart);
  }

  /** Adds a copy of a record with its key and headers, for a value that is set next. */
  copyWithoutValue(batch: RecordBatch, row: number, target: CopyTarget): void {
    this.begin(target.topic, target.partition, target.stamped === true ? -1 : batch.timestamp(row));
    this.#copyRange(batch, row, Column.keyStart);
    if (batch.column(row, Column.headersLength) > 0) this.#copyRange(batch, row, Column.headersStart);
  }

  /**
   * Adds copies of all records of a batch as they are: their bytes in one piece, so that it costs a fraction of copying
   * record by record. With a key the partitioner chooses; without one a record keeps its partition, modulo `partitions`.
   */
  copyAll(batch: RecordBatch, target: { topic: number; partitions: number; stamped: boolean }): void {
    const { own, from, to } = this.#takeOver(batch);
    for (let row = from; row < to; row += STRIDE) {
      own[row + Column.topic] = target.topic;
      if (target.stamped) own[row + Column.timestamp] = -1;
      own[row + Column.offset] = -1;
      if ((own[row + Column.keyLength] as number) < 0)
        own[row + Column.partition] = (own[row + Column.partition] as number) % target.partitions;
      else own[row + Column.partition] = -1;
    }
  }

  /** Adds all records of a batch as they are, with their topics, partitions and offsets; returns the row of the first. */
  append(batch: RecordBatch): number {
    const first = this.#rows;
    const topics = batch.topics.map((topic) => this.topicIndex(topic));
    const { own, from, to } = this.#takeOver(batch);
    for (let row = from; row < to; row += STRIDE) own[row + Column.topic] = topics[own[row + Column.topic] as number] as number;
    return first;
  }

  /** Copies a batch's bytes in one piece and its rows behind this builder's, whose ranges then point to the copies. */
  #takeOver(batch: RecordBatch): { own: Float64Array; from: number; to: number } {
    const { index, length } = batch;
    const { first, last } = extentOf(batch);
    this.#reserve(last - first);
    batch.arena.copy(this.#arena, this.#end, first, last);
    const shift = this.#end - first;
    this.#end += last - first;
    this.#reserveRows(length);
    const own = this.#index;
    const from = this.#rows * STRIDE;
    const to = from + length * STRIDE;
    own.set(index.subarray(0, length * STRIDE), from);
    for (let row = from; row < to; row += STRIDE) {
      own[row + Column.keyStart] = (own[row + Column.keyStart] as number) + shift;
      own[row + Column.valueStart] = (own[row + Column.valueStart] as number) + shift;
      own[row + Column.headersStart] = (own[row + Column.headersStart] as number) + shift;
    }
    this.#rows += length;
    this.#row = Math.max(0, this.#rows - 1) * STRIDE;
    return { own, from, to };
  }

  /** What has been built. The batch shares this builder's memory: it is valid until the next `reset` or `begin`. */
  batch(): RecordBatch {
    return new RecordBatch({ topics: this.#topics, length: this.#rows, arena: this.#arena, index: this.#index });
  }

  /** Forgets the records, keeps the topics and the memory, but for what is far more than usual. */
  reset(): void {
    if (this.#usual > 0 && this.#arena.length > Math.max(this.#usual * KEPT, MAX_GROWTH)) {
      this.#arena = NO_BYTES;
      this.#index = NO_ROWS;
    }
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
      this.#end += writeText(bytes, this.#arena, start);
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

  #reserveRows(rows: number): void {
    const needed = (this.#rows + rows) * STRIDE;
    if (needed <= this.#index.length) return;
    const grown = new Float64Array(Math.max(needed, this.#index.length * 2, FIRST_ROWS * STRIDE));
    grown.set(this.#index);
    this.#index = grown;
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#arena.length) return;
    const { length } = this.#arena;
    const larger = length < MAX_GROWTH ? length * 2 : Math.max(length + Math.max(MAX_GROWTH, length * LARGE_GROWTH), this.#usual);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(larger), FIRST_ARENA));
    this.#arena.copy(grown, 0, 0, this.#end);
    this.#arena = grown;
  }
}

/** The part of a batch's arena that its records are in. */
function extentOf({ index, length }: RecordBatch): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let row = 0; row < length * STRIDE; row += STRIDE) {
    for (let column = row + Column.keyStart; column <= row + Column.headersStart; column += 2) {
      const bytes = index[column + 1] as number;
      if (bytes <= 0) continue;
      const start = index[column] as number;
      if (start < first) first = start;
      if (start + bytes > last) last = start + bytes;
    }
  }
  return first > last ? { first: 0, last: 0 } : { first, last };
}
