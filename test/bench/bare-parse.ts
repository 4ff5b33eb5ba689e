/**
 * A bare node-rdkafka loop: `consume(5000)`, then JSON.parse of every value, nothing kept, written or committed. It is measured from
 * the first block parsed until all records are.
 */
import rdkafka from 'node-rdkafka';
import { connected, consumed, disconnected } from './bare-clients.ts';
import { MeasuredWindow } from './measured-window.ts';
import { leave, report } from './reporting.ts';

export interface BareParseConfig {
  readonly brokers: string;
  readonly from: readonly string[];
  readonly group: string;
  readonly records: number;
}

const BLOCK = 5000;

const config = JSON.parse(process.argv[2] as string) as BareParseConfig;
const consumer = new rdkafka.KafkaConsumer(
  { 'metadata.broker.list': config.brokers, 'group.id': config.group, 'enable.auto.commit': false },
  { 'auto.offset.reset': 'earliest' },
);
await connected(consumer);
consumer.subscribe([...config.from]);

const window = new MeasuredWindow();
let records = 0;
let bytes = 0;
/** Something of every value is used, so that parsing it is not left out. */
let fields = 0;

async function parse(most: number): Promise<void> {
  for (const { value } of await consumed(consumer, most)) {
    if (value === null) continue;
    const parsed = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
    if (parsed['@timestamp'] !== undefined) fields += 1;
    records += 1;
    bytes += value.length;
  }
}

while (records === 0) await parse(BLOCK);
window.mark(records, bytes);
// The last call asks for no more than there is, for it would wait for the rest.
while (records < config.records) await parse(Math.min(BLOCK, config.records - records));
window.mark(records, bytes);
if (fields !== records) throw new Error(`${fields} of ${records} records have a time`);
await report(window.result());
await disconnected(consumer);
leave();
