import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchOf, eventually, Harness, LIMITS, readUntil, silent } from '../../test/integration/kafka/harness.ts';
import { systemClock } from '../sdk/clock.ts';
import { type EmbeddedCluster, isEmbedded, startEmbedded } from './embedded.ts';
import { createKafka } from './index.ts';
import type { RebalanceEvent } from './types.ts';

let cluster: EmbeddedCluster;
let at: Harness;
beforeAll(async () => {
  cluster = await startEmbedded(silent);
  at = new Harness(cluster.brokers, 'native', true);
});
afterAll(async () => {
  await at.close();
  await cluster.close();
});

test('has three brokers that clients can ask', async () => {
  expect(isEmbedded(cluster.brokers)).toBe(true);
  expect((await at.admin.describeCluster(5000)).brokers.map(({ host, port }) => `${host}:${port}`)).toEqual(
    cluster.brokers.split(','),
  );
});

test('makes a topic appear, with its own number of partitions, once', async () => {
  const spec = { name: 'made', partitions: 1, config: {} };
  expect(await at.admin.createTopics([spec], 5000)).toEqual(['made']);
  expect(await at.admin.createTopics([spec], 5000)).toEqual([]);
  expect((await at.admin.describeCluster(5000)).topics).toContainEqual({ name: 'made', partitions: 4 });
});

test('tells offsets, and refuses what takes a controller at once', async () => {
  const topic = await at.topic();
  const producer = await at.producer();
  await producer.write(batchOf(topic, 1, ['a', 'b']));
  await producer.flush(5000);
  expect(await at.admin.watermarks({ topic, partition: 1 }, 5000)).toEqual({ low: 0, high: 2 });
  expect(await at.admin.topicConfig(topic, 5000)).toBeUndefined();
  await expect(at.admin.deleteTopics([topic], 5000)).rejects.toMatchObject({ name: 'KafkaError', code: -172 });
});

test.each([
  ['as it is', {}],
  ['where producers may send more than one fetch holds', { 'message.max.bytes': 5_000_000 }],
  ['where a fetch holds less than a record', { 'fetch.max.bytes': 400_000 }],
  ['where less is received than producers may send', { 'message.max.bytes': 5_000_000, 'receive.message.max.bytes': 1_000_000 }],
] as const)('reads records larger than a fetch, %s', async (_case, options) => {
  const clients = createKafka(
    { brokers: cluster.brokers, clientId: 'large', options },
    { batches: 'auto', log: silent, clock: systemClock },
  );
  const topic = await at.topic();
  await at.write(topic, 0, ['before', 'x'.repeat(3_000_000), 'behind']);
  const consumer = clients.consumer({});
  try {
    await consumer.connect();
    consumer.assign([{ topic, partition: 0, offset: 0 }]);
    const { rows } = await readUntil(consumer, (seen) => seen.rows.length === 3);
    expect(rows.map(({ value }) => value?.length)).toEqual([6, 3_000_000, 6]);
  } finally {
    await consumer.close();
  }
});

test.each(['native', 'fallback'] as const)(
  'clients close although their cluster has gone, %s',
  async (path) => {
    const doomed = await startEmbedded(silent);
    const clients = new Harness(doomed.brokers, path, true);
    const topic = await clients.topic();
    const events: RebalanceEvent[] = [];
    const member = await clients.member('doomed', topic, events);
    await eventually('the member has partitions', async () => {
      await member.read(LIMITS);
      return member.assigned().length === 4;
    });
    const producer = await clients.producer();
    await doomed.close();
    await producer.write(batchOf(topic, 0, ['undeliverable']));
    await expect(producer.flush(300)).rejects.toMatchObject({ name: 'KafkaError', code: -185, retriable: true });
    await expect(member.committed([{ topic, partition: 0 }], 300)).rejects.toMatchObject({ name: 'KafkaError', retriable: true });
    await clients.close();
    expect(events.map(({ kind }) => kind)).toContain('revoke');
  },
  40_000,
);
