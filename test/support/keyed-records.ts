import type { Kafka } from '../../src/kafka/types.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';

const FLUSH_MS = 60_000;

/** Writes records to a topic as a producer with keys does: those of a key are in one partition. */
export async function writeByKey(
  kafka: Pick<Kafka, 'producer'>,
  topic: string,
  records: readonly { readonly key: string; readonly value: object }[],
): Promise<void> {
  const producer = kafka.producer({});
  await producer.connect();
  const batch = new BatchBuilder([topic]);
  for (const { key, value } of records) {
    batch.begin(0, -1, -1);
    batch.key(key);
    batch.value(JSON.stringify(value));
  }
  await producer.write(batch.batch());
  await producer.flush(FLUSH_MS);
  await producer.close();
}
