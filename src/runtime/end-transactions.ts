import type { Kafka } from '../kafka/types.ts';

/** Initialising a transactional id aborts what its last producer left open, and fences that producer. */
export async function endTransactionsOf(kafka: Kafka, transactionalId: string, waitMs: number): Promise<void> {
  const producer = kafka.producer({ transactionalId });
  try {
    await producer.connect();
    await producer.initTransactions(waitMs);
  } finally {
    await producer.close();
  }
}
