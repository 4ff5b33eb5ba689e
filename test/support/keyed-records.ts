import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { FakeKafka } from './fake-kafka.ts';

/** Writes records to a topic as a producer with keys does: those of a key are in one partition. */
export async function writeByKey(
  kafka: FakeKafka,
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
  await producer.close();
}
