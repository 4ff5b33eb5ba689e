import type { Header } from './headers.ts';
import { decodeHeaders } from './headers.ts';
import type { JsonValue } from './json.ts';

/**
 * Columns of a batch's index, one row of {@link STRIDE} float64 numbers a record. The native layer (`src/kafka/native`)
 * reads and writes the same layout, so a change here is a change there.
 */
export const Column = {
  /** Place of the topic's name in `topics`. */
  topic: 0,
  /** Partition, or -1 where a produced record leaves it to the partitioner. */
  partition: 1,
  /** Offset in the partition the record came from, or -1. */
  offset: 2,
  /** Kafka timestamp in ms since 1970, or -1 where there is none. */
  timestamp: 3,
  /** Byte range of the key in the arena; a length of -1 is a null key. */
  keyStart: 4,
  keyLength: 5,
  /** Byte range of the value in the arena; a length of -1 is a null value (a tombstone). */
  valueStart: 6,
  valueLength: 7,
  /** Byte range of the packed headers (see headers.ts); a length of 0 is none. */
  headersStart: 8,
  headersLength: 9,
} as const;

/** Numbers in one row of a batch's index. */
export const STRIDE = 10;

const NO_BYTES = Buffer.alloc(0);

/**
 * A batch of records as an arena of bytes and an index into it. It is how records cross between librdkafka and
 * JavaScript: as a whole, without an object per record. Records decode only when asked for.
 *
 * Views (`key`, `value`, `headersBytes`) point into the arena and are valid until the batch's owner reuses it.
 */
export class RecordBatch {
  readonly topics: readonly string[];
  readonly length: number;
  readonly arena: Buffer;
  readonly index: Float64Array;

  constructor(parts: { topics: readonly string[]; length: number; arena: Buffer; index: Float64Array }) {
    this.topics = parts.topics;
    this.length = parts.length;
    this.arena = parts.arena;
    this.index = parts.index;
  }

  static readonly empty: RecordBatch = new RecordBatch({
    topics: [],
    length: 0,
    arena: NO_BYTES,
    index: new Float64Array(0),
  });

  /** One number of record `i`; see {@link Column}. */
  column(i: number, column: number): number {
    return this.index[i * STRIDE + column] as number;
  }

  topic(i: number): string {
    return this.topics[this.column(i, Column.topic)] as string;
  }

  partition(i: number): number {
    return this.column(i, Column.partition);
  }

  offset(i: number): number {
    return this.column(i, Column.offset);
  }

  timestamp(i: number): number {
    return this.column(i, Column.timestamp);
  }

  /** The key's bytes, a view of the arena, or null. */
  key(i: number): Buffer | null {
    const length = this.column(i, Column.keyLength);
    if (length < 0) return null;
    const start = this.column(i, Column.keyStart);
    return this.arena.subarray(start, start + length);
  }

  /** The key as UTF-8 text, or `undefined` for a null key. */
  keyText(i: number): string | undefined {
    const length = this.column(i, Column.keyLength);
    if (length < 0) return undefined;
    const start = this.column(i, Column.keyStart);
    return this.arena.toString('utf8', start, start + length);
  }

  /** The value's bytes, a view of the arena, or null for a tombstone. */
  value(i: number): Buffer | null {
    const length = this.column(i, Column.valueLength);
    if (length < 0) return null;
    const start = this.column(i, Column.valueStart);
    return this.arena.subarray(start, start + length);
  }

  /** The value decoded as UTF-8, or '' for a tombstone. */
  valueText(i: number): string {
    const length = this.column(i, Column.valueLength);
    if (length <= 0) return '';
    const start = this.column(i, Column.valueStart);
    return this.arena.toString('utf8', start, start + length);
  }

  /** The value parsed as JSON. Throws SyntaxError where it is none (an empty value and a tombstone are none). */
  valueJson(i: number): JsonValue {
    return JSON.parse(this.valueText(i)) as JsonValue;
  }

  /** The packed headers, a view of the arena; empty where there are none. */
  headersBytes(i: number): Buffer {
    const length = this.column(i, Column.headersLength);
    if (length <= 0) return NO_BYTES;
    const start = this.column(i, Column.headersStart);
    return this.arena.subarray(start, start + length);
  }

  headers(i: number): Header[] {
    return decodeHeaders(this.headersBytes(i));
  }
}
