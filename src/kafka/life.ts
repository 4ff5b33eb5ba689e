import type { KafkaConsumer, Producer } from 'node-rdkafka';
import { called, misuse } from './failures.ts';
import type { NativeAddon } from './native.ts';
import type { KafkaConnection } from './types.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** Creates the client's handle and waits until a broker has answered it. */
export async function connectClient(client: KafkaConsumer | Producer, connection: KafkaConnection): Promise<void> {
  await called(`connecting to Kafka at ${connection.brokers}`, (done) =>
    client.connect({ allTopics: false, timeout: CONNECT_TIMEOUT_MS }, done),
  );
}

/**
 * Makes sure that the addon sees the same client as node-rdkafka: the name at the handle's end of the addon's way must be the
 * one that node-rdkafka tells.
 */
export function verifyNative(native: NativeAddon, client: KafkaConsumer | Producer): void {
  const known: unknown = 'name' in client ? client.name : undefined;
  const seen = native.clientName(client.getClient() as object);
  if (seen !== known) {
    throw misuse(
      'checking the native batch addon',
      `it sees a client "${seen}" where node-rdkafka has "${String(known)}"; set kafka.batches to fallback`,
    );
  }
}
