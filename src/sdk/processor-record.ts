import { types } from 'node:util';
import { freezeDeep } from '../record/freeze.ts';
import { decodeHeaders, encodeHeaders, type Header, headerText } from '../record/headers.ts';
import type { ReadonlyJsonObject } from '../record/json.ts';

const BRAND = Symbol.for('millrace.record');
const NO_HEADERS: Uint8Array = Buffer.alloc(0);

/** What is said of a record's headers when they are set. */
export type GivenHeaders = Iterable<{ readonly name: string; readonly value: Uint8Array | string | null }>;

/** What a processor says of a record that it makes. */
export interface NewRecord {
  readonly value: ReadonlyJsonObject;
  /** Its Kafka key; without it none, and the record stays in the partition's number. */
  readonly key?: string | null;
  /** Event time in ms since 1970. */
  readonly time: number;
  readonly headers?: GivenHeaders;
}

/** Where a record stands in Kafka. One that a processor has made stands nowhere: its offset is -1. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Parts extends RecordPlace {
  readonly value: ReadonlyJsonObject;
  readonly key: string | null;
  readonly time: number;
  /** Packed as in `encodeHeaders`; the record's own. */
  readonly headers?: Uint8Array;
  readonly source?: unknown;
}

/**
 * A record as processors see it. It never changes, and neither does its value, which is frozen: `with` makes another of it.
 *
 *     record.with({ value: { ...record.value, score: 0.7 }, key: 'eu' })
 */
export class ProcessorRecord implements RecordPlace {
  readonly [BRAND] = true;
  readonly value: ReadonlyJsonObject;
  /** The Kafka key as text; null where there is none. */
  readonly key: string | null;
  /** Event time in ms since 1970. */
  readonly time: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its headers, packed as in `encodeHeaders`. */
  readonly packedHeaders: Uint8Array;
  /** By which the runtime knows what the record was made of; of no meaning to a processor. */
  readonly source: unknown;

  constructor(parts: Parts) {
    this.value = freezeDeep(parts.value);
    this.key = parts.key;
    this.time = parts.time;
    this.topic = parts.topic;
    this.partition = parts.partition;
    this.offset = parts.offset;
    this.packedHeaders = parts.headers ?? NO_HEADERS;
    this.source = parts.source;
  }

  /** Its headers, decoded anew at each call. Names may repeat. */
  get headers(): readonly Header[] {
    return decodeHeaders(bufferOf(this.packedHeaders));
  }

  /** The last value of a header as text; `undefined` where it is absent or null. */
  header(name: string): string | undefined {
    return headerText(bufferOf(this.packedHeaders), name);
  }

  /**
   * A record of the same origin with something else in it. What is not given stays; `headers` take the place of all headers. The new
   * value becomes the record's: it is frozen.
   */
  with(changes: Partial<NewRecord>): ProcessorRecord {
    return new ProcessorRecord({
      value: changes.value ?? this.value,
      key: changes.key === undefined ? this.key : changes.key,
      time: changes.time ?? this.time,
      headers: changes.headers === undefined ? this.packedHeaders : encodeHeaders(changes.headers),
      topic: this.topic,
      partition: this.partition,
      offset: this.offset,
      source: this.source,
    });
  }
}

/** Whether it is a record, also one of another copy of this package that a plugin has brought along. */
export function isProcessorRecord(value: unknown): value is ProcessorRecord {
  return typeof value === 'object' && value !== null && !types.isProxy(value) && BRAND in value;
}

/** A record that is made of no other: it stands nowhere in Kafka yet. */
export function newRecord({ value, key, time, headers }: NewRecord, partition: number): ProcessorRecord {
  const packed = headers === undefined ? {} : { headers: encodeHeaders(headers) };
  return new ProcessorRecord({ value, key: key ?? null, time, ...packed, topic: '', partition, offset: -1 });
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
