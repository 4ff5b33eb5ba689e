import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchOf, Harness, silent } from '../../test/integration/kafka/harness.ts';
import { type EmbeddedCluster, isEmbedded, startEmbedded } from './embedded.ts';

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
  expect((await at.admin.describeCluster(5000)).brokers.map(({ host, port }) => `${host}:${port}`)).toEqual(cluster.brokers.split(','));
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
