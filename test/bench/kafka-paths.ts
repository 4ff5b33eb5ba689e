/**
 * What one record costs on the way in and out of Kafka, natively and by the fallback.
 *
 *     npm run build, then compile this file with tsc, and: MILLRACE_TEST_BROKERS=127.0.0.1:9092 node kafka-paths.js [records]
 */
import { randomBytes } from 'node:crypto';
import { createKafka } from '../../src/kafka/index.ts';
import type { Kafka } from '../../src/kafka/types.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { encodeHeaders } from '../../src/record/headers.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { Logger } from '../../src/sdk/logger.ts';

const RECORDS = Number(process.argv[2] ?? 500_000);
const PER_BATCH = 5000;
const VALUE = Buffer.from(
  '127.0.0.1 - frank [10/Oct/2026:13:55:36 +0000] "GET /products/42?ref=mail HTTP/1.1" 200 2326 "https://www.example.com/start" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox"',
);
const HEADERS = encodeHeaders([
  { name: 'millrace.id', value: '0123456789abcdef' },
  { name: 'trace', value: 'abc' },
]);

const print = (message: string, fields?: Readonly<Record<string, unknown>>): void => console.error(message, fields ?? '');
const log: Logger = { debug: () => undefined, info: () => undefined, warn: print, error: print };

interface Cost {
  readonly what: string;
  readonly microsPerRecord: number;
  readonly recordsPerSecond: number;
  readonly rssMb: number;
}

/** Runs `work` over {@link RECORDS} records and takes the CPU time of this whole process, librdkafka's threads with it. */
async function measured(what: string, work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    what,
    microsPerRecord: (user + system) / RECORDS,
    recordsPerSecond: Math.round(RECORDS / ((performance.now() - start) / 1000)),
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

async function produce(kafka: Kafka, topic: string, kind: 'plain' | 'timestamps' | 'headers'): Promise<void> {
  const producer = kafka.producer({});
  await producer.connect();
  const builders = [new BatchBuilder([topic]), new BatchBuilder([topic])] as const;
  for (const builder of builders) {
    for (let i = 0; i < PER_BATCH; i += 1) {
      builder.begin(0, i % 4, kind === 'plain' ? -1 : 1_700_000_000_000 + i);
      builder.value(VALUE);
      if (kind === 'headers') builder.headers(HEADERS);
    }
  }
  for (let sent = 0, turn = 0; sent < RECORDS; sent += PER_BATCH, turn = 1 - turn)
    await producer.write((builders[turn] as BatchBuilder).batch());
  await producer.flush(120_000);
  await producer.close();
}

async function consume(kafka: Kafka, topic: string): Promise<void> {
  const consumer = kafka.consumer({});
  await consumer.connect();
  consumer.assign([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: -2 })));
  let seen = 0;
  while (seen < RECORDS)
    seen += (await consumer.read({ maxRecords: 10_000, maxBytes: 4 * 2 ** 20, timeoutMs: 1000 })).batch.length;
  await consumer.close();
}

async function run(batches: 'native' | 'fallback', brokers: string): Promise<Cost[]> {
  const kafka = createKafka({ brokers, clientId: 'bench', options: {} }, { batches, log, clock: systemClock });
  const admin = kafka.admin();
  const costs: Cost[] = [];
  for (const kind of ['plain', 'timestamps', 'headers'] as const) {
    const topic = `kafka-bench.${randomBytes(6).toString('hex')}`;
    await admin.createTopics(
      [{ name: topic, partitions: 4, replicationFactor: 1, config: { 'min.insync.replicas': '1' } }],
      30_000,
    );
    costs.push(await measured(`${batches} produce ${kind}`, () => produce(kafka, topic, kind)));
    costs.push(await measured(`${batches} consume ${kind}`, () => consume(kafka, topic)));
    await admin.deleteTopics([topic], 30_000);
  }
  await admin.close();
  return costs;
}

const brokers = process.env['MILLRACE_TEST_BROKERS'];
if (brokers === undefined) throw new Error('set MILLRACE_TEST_BROKERS to the brokers to measure against');
for (const batches of ['native', 'fallback'] as const) console.table(await run(batches, brokers));
