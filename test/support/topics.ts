import { createKafka } from '../../src/kafka/index.ts';
import type { BatchProducer, Kafka, KafkaAdmin } from '../../src/kafka/types.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { clusterAddress } from './cluster.ts';

const ADMIN_WAIT_MS = 30_000;
const FLUSH_MS = 90_000;
const MOST_A_WRITE = 5_000;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A record of a test's own. */
export interface WrittenRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string;
}

export function kafkaOfTests(): Kafka {
  const connection = { brokers: clusterAddress().brokers, clientId: 'tests', options: {} };
  return createKafka(connection, { batches: 'auto', log: quiet, clock: systemClock });
}

/** Makes a topic that is external to the pipelines of a test. */
export async function createTopic(
  name: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.createTopics([{ name, partitions, config }], ADMIN_WAIT_MS);
  });
}

/** Gives a topic more partitions: `total` of them. */
export async function addPartitions(topic: string, total: number): Promise<void> {
  await withAdmin((admin) => admin.createPartitions(topic, total, ADMIN_WAIT_MS));
}

/** Writes records and waits until Kafka has them; with as many as one likes, since they may be made on the way. */
export async function writeRecords(topic: string, records: Iterable<WrittenRecord>): Promise<void> {
  const producer = kafkaOfTests().producer({ lingerMs: 5 });
  try {
    await producer.connect();
    const batch = new BatchBuilder([topic]);
    for (const { partition, key, value } of records) {
      batch.begin(0, partition, -1);
      batch.key(key);
      batch.value(value);
      if (batch.length >= MOST_A_WRITE) await send(producer, batch);
    }
    await send(producer, batch);
  } finally {
    await producer.close();
  }
}

async function send(producer: BatchProducer, batch: BatchBuilder): Promise<void> {
  await producer.write(batch.batch());
  await producer.flush(FLUSH_MS);
  batch.reset();
}

async function withAdmin(work: (admin: KafkaAdmin) => Promise<void>): Promise<void> {
  const admin = kafkaOfTests().admin();
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}
