import { randomBytes } from 'node:crypto';
import { createKafka } from '../../../src/kafka/index.ts';
import type {
  BatchConsumer,
  BatchProducer,
  ConsumerOptions,
  Kafka,
  KafkaAdmin,
  ProducerOptions,
  ReadEvent,
  ReadLimits,
  RebalanceEvent,
  TopicPartition,
} from '../../../src/kafka/types.ts';
import type { RecordBatch } from '../../../src/record/batch.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { systemClock } from '../../../src/sdk/clock.ts';
import type { Logger } from '../../../src/sdk/logger.ts';

export const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export const LIMITS: ReadLimits = { maxRecords: 10_000, maxBytes: 4 * 1024 * 1024, timeoutMs: 100 };

/** A record as tests compare it. */
export interface Row {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

export function rowsOf(batch: RecordBatch): Row[] {
  return Array.from({ length: batch.length }, (_, i) => ({
    topic: batch.topic(i),
    partition: batch.partition(i),
    offset: batch.offset(i),
    timestamp: batch.timestamp(i),
    key: batch.key(i)?.toString('latin1') ?? null,
    value: batch.value(i)?.toString('latin1') ?? null,
    headers: batch.headers(i).map(({ name, value }) => [name, value?.toString('latin1') ?? null] as const),
  }));
}

/** A batch of `values` for one partition. */
export function batchOf(topic: string, partition: number, values: readonly string[]): RecordBatch {
  const builder = new BatchBuilder([topic]);
  for (const value of values) {
    builder.begin(0, partition, -1);
    builder.value(value);
  }
  return builder.batch();
}

export interface Seen {
  readonly rows: Row[];
  readonly events: ReadEvent[];
}

/** Reads until `done`; fails after 30 s. */
export async function readUntil(
  consumer: BatchConsumer,
  done: (seen: Seen) => boolean,
  limits: ReadLimits = LIMITS,
): Promise<Seen> {
  const seen: Seen = { rows: [], events: [] };
  const end = Date.now() + 30_000;
  while (!done(seen)) {
    if (Date.now() > end) throw new Error(`not seen in 30 s; so far ${seen.rows.length} rows and ${JSON.stringify(seen.events)}`);
    const { batch, events } = await consumer.read(limits);
    seen.rows.push(...rowsOf(batch));
    seen.events.push(...events);
  }
  return seen;
}

/** Waits for a condition; fails after 30 s. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`did not happen in 30 s: ${what}`);
    await systemClock.sleep(20);
  }
}

/** Clients and topics of one test, all gone at its end. */
export class Harness {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly #embedded: boolean;
  readonly #topics: string[] = [];
  readonly #open: { close(): Promise<void> }[] = [];

  constructor(brokers: string, batches: 'native' | 'fallback', embedded: boolean) {
    this.kafka = createKafka(
      { brokers, clientId: 'kafka-test', options: { 'fetch.wait.max.ms': 50 } },
      { batches, log: silent, clock: systemClock },
    );
    this.admin = this.kafka.admin();
    this.#embedded = embedded;
  }

  name(kind: string): string {
    return `kafka-test.${kind}.${randomBytes(6).toString('hex')}`;
  }

  /** A new topic of four partitions: the number that the embedded cluster has. */
  async topic(): Promise<string> {
    const name = this.name('topic');
    await this.admin.createTopics([{ name, partitions: 4, config: { 'message.timestamp.type': 'CreateTime' } }], 30_000);
    this.#topics.push(name);
    return name;
  }

  async producer(options: ProducerOptions = {}): Promise<BatchProducer> {
    const producer = this.kafka.producer(options);
    this.#open.push(producer);
    await producer.connect();
    return producer;
  }

  /** A producer that has written `values` and knows that they have arrived. */
  async write(topic: string, partition: number, values: readonly string[]): Promise<void> {
    const producer = await this.producer();
    await producer.write(batchOf(topic, partition, values));
    await producer.flush(30_000);
    await producer.close();
  }

  /** A consumer that reads `partitions` from their beginning, without a group. */
  async reader(partitions: readonly TopicPartition[], options: ConsumerOptions = {}): Promise<BatchConsumer> {
    const consumer = await this.consumer(options);
    consumer.assign(partitions.map((partition) => ({ ...partition, offset: -2 })));
    return consumer;
  }

  async consumer(options: ConsumerOptions): Promise<BatchConsumer> {
    const consumer = this.kafka.consumer(options);
    this.#open.push(consumer);
    await consumer.connect();
    return consumer;
  }

  /** A member of a group that takes what it is given from the beginning, and tells `events`. */
  async member(groupId: string, topic: string, events: RebalanceEvent[], options: ConsumerOptions = {}): Promise<BatchConsumer> {
    const member = await this.consumer({
      groupId,
      onRebalance: (event) => {
        events.push(event);
        member.completeRebalance(
          event,
          event.kind === 'assign' ? event.partitions.map((at) => ({ ...at, offset: -2 })) : undefined,
        );
      },
      ...options,
    });
    member.subscribe([topic]);
    return member;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((client) => client.close()));
    if (!this.#embedded && this.#topics.length > 0) await this.admin.deleteTopics(this.#topics, 30_000);
    await this.admin.close();
  }
}
