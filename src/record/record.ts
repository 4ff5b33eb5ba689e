import { RecordBatch } from './batch.ts';
import { headerText } from './headers.ts';
import type { JsonObject } from './json.ts';

/**
 * The record that steps work on: a cursor over a batch, moved from row to row, so that no object per record is made
 * for the metadata. Steps change `value` in place (or put another object in its place).
 */
export class StreamRecord {
  /** The decoded value. Steps own it: nobody else holds it. */
  value: JsonObject = {};
  #batch: RecordBatch = RecordBatch.empty;
  #row = 0;

  /** Moves the cursor to row `row` of `batch`, with `value` as its decoded value. */
  moveTo(batch: RecordBatch, row: number, value: JsonObject): void {
    this.#batch = batch;
    this.#row = row;
    this.value = value;
  }

  /** Where it is. */
  get place(): { readonly batch: RecordBatch; readonly row: number } {
    return { batch: this.#batch, row: this.#row };
  }

  get topic(): string {
    return this.#batch.topic(this.#row);
  }

  get partition(): number {
    return this.#batch.partition(this.#row);
  }

  get offset(): number {
    return this.#batch.offset(this.#row);
  }

  /** Kafka's timestamp in ms since 1970, or -1 where the record has none. Event time is `@timestamp` where present. */
  get timestamp(): number {
    return this.#batch.timestamp(this.#row);
  }

  /** The key as UTF-8 text, or `undefined` for a null key. */
  get key(): string | undefined {
    return this.#batch.keyText(this.#row);
  }

  /** The headers, packed as in `encodeHeaders`: a view that is valid until the batch's memory is used again. */
  get packedHeaders(): Buffer {
    return this.#batch.headersBytes(this.#row);
  }

  /** The last value of a header as text, or `undefined` where it is absent or null. */
  header(name: string): string | undefined {
    return headerText(this.#batch.headersBytes(this.#row), name);
  }
}
