import type { RecordBatch } from '../../record/batch.ts';
import { Column, STRIDE } from '../../record/batch.ts';

/** The header that records and markers of a repartition topic begin with. */
const NAME = Buffer.from('millrace.event');
const KIND = 4 + NAME.length + 4;
/** The header's bytes in its packed form (record/headers.ts): the name, and a value of 17: kind, event time, watermark. */
export const EVENT_HEADER_BYTES: number = KIND + 1 + 8 + 8;
const VALUE_BYTES = 17;
/** The name with its length, and the length of the value: a foreign header may begin with the same name. */
const PREFIX = Buffer.alloc(KIND);
PREFIX.writeUInt32LE(NAME.length, 0);
PREFIX.set(NAME, 4);
PREFIX.writeInt32LE(VALUE_BYTES, 4 + NAME.length);

const RECORD = 0;
const MARKER = 1;

/** What a repartition topic's row is: a record with the time and the watermark of its own partition, or a marker. */
export interface EventHeader {
  kind: 'record' | 'marker' | 'none';
  /** Event time in ms since 1970. */
  time: number;
  /** The watermark of the record's own partition before it. */
  watermark: number;
}

/** Packs the header in front of a record's own headers, into memory of its own that the next call uses again. */
export class EventHeaderWriter {
  #bytes = Buffer.alloc(1_024);

  constructor() {
    this.#begin();
  }

  record(time: number, watermark: number, own: Uint8Array): Uint8Array {
    const length = EVENT_HEADER_BYTES + own.length;
    if (length > this.#bytes.length) {
      this.#bytes = Buffer.alloc(length * 2);
      this.#begin();
    }
    this.#bytes[KIND] = RECORD;
    this.#bytes.writeDoubleLE(time, KIND + 1);
    this.#bytes.writeDoubleLE(watermark, KIND + 9);
    this.#bytes.set(own, EVENT_HEADER_BYTES);
    return this.#bytes.subarray(0, length);
  }

  marker(): Uint8Array {
    this.#bytes[KIND] = MARKER;
    this.#bytes.fill(0, KIND + 1, EVENT_HEADER_BYTES);
    return this.#bytes.subarray(0, EVENT_HEADER_BYTES);
  }

  #begin(): void {
    this.#bytes.set(PREFIX);
  }
}

/**
 * Reads a row's event header into `into`, and takes it off the row: what is left are the record's own headers, which go on
 * with it. The row's index is changed in place.
 */
export function takeEventHeader(batch: RecordBatch, row: number, into: EventHeader): void {
  const { arena, index } = batch;
  const at = row * STRIDE;
  const length = index[at + Column.headersLength] as number;
  const start = index[at + Column.headersStart] as number;
  if (length < EVENT_HEADER_BYTES || PREFIX.compare(arena, start, start + PREFIX.length) !== 0) {
    into.kind = 'none';
    return;
  }
  into.kind = arena[start + KIND] === MARKER ? 'marker' : 'record';
  into.time = arena.readDoubleLE(start + KIND + 1);
  into.watermark = arena.readDoubleLE(start + KIND + 9);
  // Whoever asks for the record's Kafka time gets the event time, where Kafka can express it.
  if (into.kind === 'record' && into.time >= 0) index[at + Column.timestamp] = into.time;
  index[at + Column.headersStart] = start + EVENT_HEADER_BYTES;
  index[at + Column.headersLength] = length - EVENT_HEADER_BYTES;
}
