import rdkafka from 'node-rdkafka';
import type { Logger } from '../sdk/logger.ts';
import { attempted, called, kafkaError } from './failures.ts';
import { ClientWatch } from './watch.ts';

const START_TIMEOUT_MS = 10_000;
const BROKERS = 3;
/** Of every topic, whatever was asked for. */
export const EMBEDDED_PARTITIONS = 4;

/** The brokers of the clusters that run in this process. */
const running = new Set<string>();

/** Whether `brokers` are those of an embedded cluster of this process, which can't do what takes a controller. */
export function isEmbedded(brokers: string): boolean {
  return running.has(brokers);
}

export interface EmbeddedCluster {
  /** For clients in this process and outside of it. */
  readonly brokers: string;
  close(): Promise<void>;
}

/**
 * Starts librdkafka's mock cluster inside this process: real protocol over loopback, groups work, but nothing is kept. A partition
 * holds its newest 5 MB or 100,000 records, topics appear on first use with 4 partitions whatever was asked for, and
 * aborted transactions are seen by everybody. For trying out and for tests; never for anything that must not be lost.
 */
export async function startEmbedded(log: Logger): Promise<EmbeddedCluster> {
  const action = 'starting the embedded Kafka cluster';
  const properties: Record<string, string | number> = { 'client.id': 'embedded', 'test.mock.num.brokers': BROKERS };
  const host = attempted(action, () => new rdkafka.Producer(properties, {}));
  new ClientWatch(host, 'embedded', log);
  const metadata = await called<{ brokers: { host: string; port: number }[] }>(action, (done) =>
    host.connect({ allTopics: false, timeout: START_TIMEOUT_MS }, done),
  );
  if (metadata.brokers.length === 0) throw kafkaError(action, new Error('it shows no brokers'));
  let closing: Promise<void> | undefined;
  const brokers = metadata.brokers.map((broker) => `${broker.host}:${broker.port}`).join(',');
  running.add(brokers);
  return {
    brokers,
    close: () => {
      running.delete(brokers);
      closing ??= new Promise((resolve) => host.disconnect(0, () => resolve()));
      return closing;
    },
  };
}
