import { KafkaError } from '../../kafka/error.ts';
import type { BatchConsumer, Kafka, OffsetLookup, TopicPartition, TopicPartitionOffset } from '../../kafka/types.ts';
import { Offset } from '../../kafka/types.ts';
import type { TableSource } from '../../sdk/operator.ts';
import { JoinTable } from '../../stream/join/table.ts';

const WATERMARK_WAIT_MS = 30_000;
/** Between two reads a change of what is assigned is taken up, so one waits no longer than this, in ms. */
const READ_WAIT_MS = 100;
const READ = { maxRecords: 4_096, maxBytes: 1_000_000, timeoutMs: READ_WAIT_MS } as const;

interface Reading extends TopicPartition {
  readonly table: JoinTable;
  /** The next offset to read. */
  next: number;
  /** The high watermark at the beginning: the table is complete from there on. */
  readonly high: number;
  /** Whether the consumer reads for it: what it still gives of an earlier assignment belongs to a table that was forgotten. */
  assigned: boolean;
  /** Settles once the table is complete. */
  readonly complete: { readonly promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void };
}

/**
 * Reads the tables that joins look up: partitions of topics, assigned by hand, from their beginning and then for as long as they are
 * wanted (DESIGN.md 4.12). What arrives is there for the next record. One consumer serves all of a task's tables.
 */
export class TableReader {
  readonly #kafka: Kafka;
  readonly #lookup: OffsetLookup;
  readonly #readings = new Map<string, Reading>();
  #consumer: BatchConsumer | undefined;
  #changed = false;
  #loop: Promise<void> | undefined;
  #closed = false;
  #failure: unknown;

  constructor({ kafka, lookup }: { readonly kafka: Kafka; readonly lookup: OffsetLookup }) {
    this.#kafka = kafka;
    this.#lookup = lookup;
  }

  /** The table of a partition, once every record that was there at the call has been read. Shared by all that ask for it. */
  async open(source: TableSource, partition: number): Promise<JoinTable> {
    this.assertReading();
    const key = keyOf({ topic: source.topic, partition });
    const known = this.#readings.get(key);
    if (known !== undefined) {
      await known.complete.promise;
      return known.table;
    }
    const { high } = await this.#lookup.watermarks({ topic: source.topic, partition }, WATERMARK_WAIT_MS);
    const table = new JoinTable(source);
    const reading: Reading = {
      topic: source.topic,
      partition,
      table,
      next: Offset.beginning,
      high,
      assigned: false,
      complete: settling(),
    };
    this.#readings.set(key, reading);
    this.#changed = true;
    if (high <= 0) reading.complete.resolve();
    this.#start();
    await reading.complete.promise;
    return table;
  }

  /** The table is not wanted any more. */
  forget(partition: TopicPartition): void {
    this.#readings.get(keyOf(partition))?.complete.reject(new Error('the table is not wanted any more'));
    this.#readings.delete(keyOf(partition));
    this.#changed = true;
  }

  /** Throws what ended the reading, if anything did: tables that stand still would give old answers for ever. */
  assertReading(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { complete } of this.#readings.values()) complete.reject(new Error('the task ends'));
    await this.#loop;
    await this.#consumer?.close();
  }

  #start(): void {
    this.#loop ??= this.#run().catch((error: unknown) => {
      this.#failure = error;
      for (const { complete } of this.#readings.values()) complete.reject(error);
    });
  }

  async #run(): Promise<void> {
    const consumer = this.#kafka.consumer({});
    this.#consumer = consumer;
    await consumer.connect();
    while (!this.#closed) {
      if (this.#changed) this.#assign(consumer);
      const { batch, events } = await consumer.read(READ);
      for (let row = 0; row < batch.length; row += 1) {
        const reading = this.#readings.get(keyOf({ topic: batch.topic(row), partition: batch.partition(row) }));
        if (reading?.assigned !== true) continue;
        reading.table.apply(batch.key(row), batch.value(row));
        reading.next = batch.offset(row) + 1;
      }
      for (const event of events) {
        if (event.kind === 'error') {
          if (event.error.fatal) throw new KafkaError('reading tables', event.error);
        } else {
          const reading = this.#readings.get(keyOf(event));
          if (reading?.assigned === true && event.offset >= reading.high) reading.complete.resolve();
        }
      }
    }
  }

  #assign(consumer: BatchConsumer): void {
    this.#changed = false;
    for (const reading of this.#readings.values()) reading.assigned = true;
    const all = [...this.#readings.values()].map(
      ({ topic, partition, next }): TopicPartitionOffset => ({ topic, partition, offset: next }),
    );
    consumer.assign(all);
  }
}

function settling(): Reading['complete'] {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever waits is told; where nobody does, it is told by `assertReading`.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
