import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { artifact, findJava } from '../../../src/testing/cluster/index.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../../support/cluster.ts';
import { committedOffsets, readCommitted, streamTopic, topicEndOffsets } from '../../support/foreign-reader.ts';

/** Runs one of Kafka's own command-line tools, with `input` on its standard input. */
async function kafkaTool(mainClass: string, args: readonly string[], input = ''): Promise<void> {
  const [java, jars] = await Promise.all([findJava(process.env), artifact('kafka', process.env, () => {})]);
  const child = spawn(java.program, ['-cp', join(jars, '*'), mainClass, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(input);
  const ended = once(child, 'close');
  let errors = '';
  for await (const text of child.stderr.setEncoding('utf8')) errors += String(text);
  const [code] = (await ended) as [number | null];
  expect(code, `${mainClass}: ${errors}`).toBe(0);
}

async function createTopic(topic: string, partitions: number): Promise<void> {
  const args = ['--bootstrap-server', clusterAddress().brokers, '--create', '--topic', topic, '--partitions', String(partitions)];
  await kafkaTool('org.apache.kafka.tools.TopicCommand', args);
}

describeOnCluster('the foreign reader', () => {
  it('reads keys, values and headers of all partitions, byte for byte', async () => {
    const { brokers } = clusterAddress();
    const topic = uniqueName('foreign');
    await createTopic(topic, 3);
    const lines = Array.from({ length: 2_000 }, (_, index) => `n:${index}\tkey-${index}\tzwölf ${index}`);
    const properties = ['parse.key=true', 'parse.headers=true'].flatMap((property) => ['--property', property]);
    await kafkaTool(
      'kafka.tools.ConsoleProducer',
      ['--bootstrap-server', brokers, '--topic', topic, ...properties],
      `${lines.join('\n')}\n`,
    );

    const records = await readCommitted(brokers, topic);

    const seen = records.map(
      ({ headers, key, value }) =>
        `${headers.map(([name, text]) => `${name}:${String(text)}`).join()}\t${String(key)}\t${String(value)}`,
    );
    expect(seen.sort()).toEqual(lines.sort());
    const ends = await topicEndOffsets(brokers, topic);
    expect([...ends.keys()].sort()).toEqual([0, 1, 2]);
    expect([...ends.values()].reduce((sum, end) => sum + end, 0)).toBe(2_000);
    for (const [partition, end] of ends) {
      const offsets = records.filter((record) => record.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: end }, (_, offset) => offset));
    }
  });

  it('reads to the end where the last record is a transaction marker', async () => {
    const { brokers } = clusterAddress();
    const topic = uniqueName('foreign');
    await createTopic(topic, 1);
    const transaction = ['--transactional-id', uniqueName('transaction'), '--transaction-duration-ms', '60000'];
    const load = ['--topic', topic, '--num-records', '500', '--record-size', '20', '--throughput', '-1'];
    await kafkaTool('org.apache.kafka.tools.ProducerPerformance', [
      ...load,
      ...transaction,
      '--producer-props',
      `bootstrap.servers=${brokers}`,
    ]);
    expect(await readCommitted(brokers, topic)).toHaveLength(500);
    expect(await topicEndOffsets(brokers, topic)).toEqual(new Map([[0, 501]]));
  });

  it('may be left before the end', async () => {
    const { brokers } = clusterAddress();
    const topic = uniqueName('foreign');
    await createTopic(topic, 1);
    await kafkaTool('kafka.tools.ConsoleProducer', ['--bootstrap-server', brokers, '--topic', topic], 'a\nb\nc\n');
    for await (const { value } of streamTopic(brokers, topic)) {
      expect(String(value)).toBe('a');
      break;
    }
  });

  it('reads what a group has committed', async () => {
    const { brokers } = clusterAddress();
    const topic = uniqueName('foreign');
    const group = uniqueName('group');
    await createTopic(topic, 1);
    await kafkaTool('kafka.tools.ConsoleProducer', ['--bootstrap-server', brokers, '--topic', topic], 'a\nb\nc\n');
    const args = ['--bootstrap-server', brokers, '--topic', topic, '--group', group, '--from-beginning', '--max-messages', '2'];
    await kafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', args);
    expect((await committedOffsets(brokers, group)).get(topic)).toEqual(new Map([[0, 2]]));
  });

  it('says what went wrong', async () => {
    await expect(readCommitted(clusterAddress().brokers, uniqueName('no-such-topic'))).rejects.toThrow(
      'UnknownTopicOrPartitionException',
    );
  });
});
