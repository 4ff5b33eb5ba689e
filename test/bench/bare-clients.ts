import type { Client, ClientMetrics, KafkaClientEvents, KafkaConsumer, Message, Producer } from 'node-rdkafka';

/** Longest wait for the brokers, in ms. */
const WAIT_MS = 60_000;

type AnyClient = Pick<Client<KafkaClientEvents>, 'connect' | 'disconnect'>;

export function connected(client: AnyClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect({ timeout: WAIT_MS }, (error) => (error ? reject(new Error(error.message, { cause: error })) : resolve()));
  });
}

export function disconnected(client: AnyClient): Promise<ClientMetrics | undefined> {
  return new Promise((resolve) => {
    client.disconnect((_error, metrics) => resolve(metrics));
  });
}

/** Settles once the brokers have acknowledged everything. */
export function flushed(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.flush(WAIT_MS, (error) => (error ? reject(new Error(error.message, { cause: error })) : resolve()));
  });
}

export function consumed(consumer: KafkaConsumer, most: number): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(most, (error, messages) => (error ? reject(new Error(error.message, { cause: error })) : resolve(messages)));
  });
}
