import type { Producer } from 'node-rdkafka';
import { Column, type RecordBatch } from '../record/batch.ts';
import type { Logger } from '../sdk/logger.ts';
import { Code, factsOf } from './failures.ts';
import type { NativeAddon, NativeWriterHandle } from './native.ts';

/** How far a write came: the first row that is not queued, and why (0: all are). */
export interface Written {
  readonly next: number;
  readonly code: number;
}

export interface BatchWriter {
  /** Queues rows of `batch` from `from` on, until one is refused. One at a time. */
  write(batch: RecordBatch, from: number): Promise<Written>;
  /** Everything written so far has been delivered: memory that librdkafka pointed into is free. */
  delivered(): void;
  /** Must come before the client's disconnect. */
  close(): void;
}

/**
 * Up to so many rows are queued on this thread, in about a millisecond, and copied. More are queued on a worker thread,
 * and librdkafka points into their arena: without the copies a record costs half as much to queue, and no second
 * micro-batch of memory.
 */
const AT_ONCE = 1000;

/** Writes whole batches through the addon. */
export class NativeWriter implements BatchWriter {
  readonly #handle: NativeWriterHandle;
  /** Arenas that librdkafka points into: held here, so that the collector cannot take them whatever their owner does. */
  readonly #borrowed = new Set<Buffer>();

  constructor(addon: NativeAddon, client: object) {
    this.#handle = new addon.Writer(client);
  }

  async write(batch: RecordBatch, from: number): Promise<Written> {
    const { topics, arena, index, length } = batch;
    if (length - from <= AT_ONCE) {
      const [next, code] = this.#handle.write(topics, arena, index, from, length);
      return { next, code };
    }
    this.#borrowed.add(arena);
    return new Promise((resolve) => {
      this.#handle.write(topics, arena, index, from, length, (next, code) => resolve({ next, code }));
    });
  }

  delivered(): void {
    this.#borrowed.clear();
  }

  close(): void {
    this.#handle.close();
  }
}

/** Writes record by record with node-rdkafka's `produce`. */
export class FallbackWriter implements BatchWriter {
  readonly #client: Producer;
  readonly #log: Logger;
  #warned = false;

  constructor(client: Producer, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  async write(batch: RecordBatch, from: number): Promise<Written> {
    for (let i = from; i < batch.length; i += 1) {
      const timestamp = batch.timestamp(i);
      const headers = batch.column(i, Column.headersLength) > 0 ? this.#headers(batch, i) : undefined;
      try {
        this.#client.produce(
          batch.topic(i),
          batch.partition(i),
          batch.value(i),
          batch.key(i),
          timestamp < 0 ? undefined : timestamp,
          undefined,
          headers,
        );
      } catch (error) {
        return { next: i, code: factsOf(error).code };
      }
    }
    return { next: batch.length, code: Code.none };
  }

  /** node-rdkafka's `produce` knows header values as text only. */
  #headers(batch: RecordBatch, i: number): { [name: string]: string }[] {
    return batch.headers(i).map(({ name, value }) => {
      const text = value?.toString('utf8') ?? '';
      if (!this.#warned && (value === null || value.includes(0) || !value.equals(Buffer.from(text, 'utf8')))) {
        this.#warned = true;
        this.#log.warn('a header that is null or no text was changed: without the native batch addon only text can be written', {
          header: name,
        });
      }
      return { [name]: text };
    });
  }

  delivered(): void {
    // Everything was copied.
  }

  close(): void {
    // There is nothing of its own to free.
  }
}
