/**
 * A bare node-rdkafka loop: `consume(5000)`, then `produce` of every value, nothing parsed, no transaction and no commit.
 * It is measured from the first block acknowledged until all records are.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import rdkafka from 'node-rdkafka';
import { connected, consumed, disconnected, flushed } from './bare-clients.ts';
import { MeasuredWindow } from './measured-window.ts';
import { leave, report } from './reporting.ts';

export interface BareForwardConfig {
  readonly brokers: string;
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly records: number;
}

const BLOCK = 5000;
const QUEUE_FULL = -184;

const config = JSON.parse(process.argv[2] as string) as BareForwardConfig;
const producer = new rdkafka.Producer({ 'metadata.broker.list': config.brokers, 'compression.codec': 'lz4' });
const consumer = new rdkafka.KafkaConsumer(
  { 'metadata.broker.list': config.brokers, 'group.id': config.group, 'enable.auto.commit': false },
  { 'auto.offset.reset': 'earliest' },
);
await Promise.all([connected(producer), connected(consumer)]);
consumer.subscribe([config.from]);

const window = new MeasuredWindow();
let records = 0;
let bytes = 0;

async function produce(value: Buffer | null): Promise<void> {
  for (;;) {
    try {
      producer.produce(config.to, null, value);
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== QUEUE_FULL) throw error;
      producer.poll();
      await nextTurn();
    }
  }
}

async function forward(most: number): Promise<void> {
  for (const { value } of await consumed(consumer, most)) {
    try {
      producer.produce(config.to, null, value);
    } catch {
      await produce(value);
    }
    records += 1;
    bytes += value?.length ?? 0;
  }
}

while (records === 0) await forward(BLOCK);
await flushed(producer);
window.mark(records, bytes);
// The last call asks for no more than there is, for it would wait for the rest.
while (records < config.records) await forward(Math.min(BLOCK, config.records - records));
await flushed(producer);
window.mark(records, bytes);
await report(window.result());
await Promise.all([disconnected(producer), disconnected(consumer)]);
leave();
