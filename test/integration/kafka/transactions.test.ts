import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RebalanceEvent } from '../../../src/kafka/types.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { batchOf, eventually, Harness, LIMITS, readUntil } from './harness.ts';

const brokers = process.env['MILLRACE_TEST_BROKERS'] ?? '';
const TIMEOUT = 30_000;

describe.each(['native', 'fallback'] as const)('transactions, %s', (path) => {
  let at: Harness;
  let topic: string;

  beforeEach(async () => {
    at = new Harness(brokers, path, false);
    topic = await at.topic();
  });
  afterEach(() => at.close());

  test('a reader of committed records sees what was committed and nothing of what was aborted', async () => {
    const producer = await at.producer({ transactionalId: at.name('tx') });
    await producer.initTransactions(TIMEOUT);
    for (const [value, commit] of [
      ['a', true],
      ['b', false],
      ['c', true],
    ] as const) {
      await producer.beginTransaction();
      await producer.write(batchOf(topic, 0, [value, value]));
      // An abort drops what is still in the producer's queue.
      await producer.flush(TIMEOUT);
      if (commit) await producer.commitTransaction(TIMEOUT);
      else await producer.abortTransaction(TIMEOUT);
    }
    const committed = await readUntil(
      await at.reader([{ topic, partition: 0 }]),
      (seen) => seen.events.some(({ kind }) => kind === 'end') && seen.rows.length >= 4,
    );
    expect(committed.rows.map(({ value }) => value)).toEqual(['a', 'a', 'c', 'c']);
    const { high } = await at.admin.watermarks({ topic, partition: 0 }, TIMEOUT);
    expect(committed.events.at(-1)).toMatchObject({ kind: 'end', offset: high });
    const all = await readUntil(
      await at.reader([{ topic, partition: 0 }], { isolation: 'read_uncommitted' }),
      (seen) => seen.rows.length >= 6,
    );
    expect(all.rows.map(({ value }) => value)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  test('the high watermark counts a transaction that is still open', async () => {
    await at.write(topic, 0, ['before']);
    const producer = await at.producer({ transactionalId: at.name('tx'), lingerMs: 0 });
    await producer.initTransactions(TIMEOUT);
    await producer.beginTransaction();
    await producer.write(batchOf(topic, 0, ['open']));
    await producer.flush(TIMEOUT);
    expect(await at.admin.watermarks({ topic, partition: 0 }, TIMEOUT)).toEqual({ low: 0, high: 2 });
    const { events } = await readUntil(await at.reader([{ topic, partition: 0 }]), (seen) =>
      seen.events.some(({ kind }) => kind === 'end'),
    );
    expect(events.find(({ kind }) => kind === 'end')).toMatchObject({ offset: 1 });
    await producer.abortTransaction(TIMEOUT);
  });

  test('offsets are committed with the records, and dropped with them', async () => {
    const groupId = at.name('group');
    const consumer = await at.reader([{ topic, partition: 0 }], { groupId });
    const producer = await at.producer({ transactionalId: at.name('tx') });
    await producer.initTransactions(TIMEOUT);
    for (const [offset, commit] of [
      [5, true],
      [9, false],
    ] as const) {
      await producer.beginTransaction();
      await producer.write(batchOf(topic, 1, ['x']));
      await producer.sendOffsets([{ topic, partition: 0, offset }], consumer, TIMEOUT);
      if (commit) await producer.commitTransaction(TIMEOUT);
      else await producer.abortTransaction(TIMEOUT);
    }
    expect(await consumer.committed([{ topic, partition: 0 }], TIMEOUT)).toEqual([{ topic, partition: 0, offset: 5 }]);
  });

  test('a producer is fenced by a newer one of its id, and what it left open is gone', async () => {
    const transactionalId = at.name('tx');
    const old = await at.producer({ transactionalId, lingerMs: 0 });
    await old.initTransactions(TIMEOUT);
    await old.beginTransaction();
    await old.write(batchOf(topic, 0, ['zombie']));
    await old.flush(TIMEOUT);
    const young = await at.producer({ transactionalId });
    await young.initTransactions(TIMEOUT);
    await expect(old.commitTransaction(TIMEOUT)).rejects.toMatchObject({ name: 'KafkaError', fatal: true });
    await young.beginTransaction();
    await young.write(batchOf(topic, 0, ['young']));
    await young.commitTransaction(TIMEOUT);
    const { rows } = await readUntil(
      await at.reader([{ topic, partition: 0 }]),
      (seen) => seen.rows.length >= 1 && seen.events.length > 0,
    );
    expect(rows.map(({ value }) => value)).toEqual(['young']);
  });

  test('committed waits while a transaction on the offsets is open', async () => {
    const groupId = at.name('group');
    const consumer = await at.reader([{ topic, partition: 0 }], { groupId });
    const producer = await at.producer({ transactionalId: at.name('tx') });
    await producer.initTransactions(TIMEOUT);
    await producer.beginTransaction();
    await producer.write(batchOf(topic, 1, ['x']));
    await producer.sendOffsets([{ topic, partition: 0, offset: 3 }], consumer, TIMEOUT);
    await expect(consumer.committed([{ topic, partition: 0 }], 300)).rejects.toMatchObject({
      name: 'KafkaError',
      retriable: true,
    });
    const asking = consumer.committed([{ topic, partition: 0 }], TIMEOUT);
    await producer.commitTransaction(TIMEOUT);
    expect(await asking).toEqual([{ topic, partition: 0, offset: 3 }]);
  });

  test('a call out of turn says so and asks for nothing', async () => {
    const producer = await at.producer({ transactionalId: at.name('tx') });
    await producer.initTransactions(TIMEOUT);
    await expect(producer.commitTransaction(TIMEOUT)).rejects.toMatchObject({ name: 'KafkaError', code: -172, retriable: false });
    await expect(producer.write(batchOf(topic, 0, ['outside']))).rejects.toMatchObject({ name: 'KafkaError', code: -172 });
  });

  test('a revoke waits for the drain, and the next owner goes on where it ended', async () => {
    await at.write(
      topic,
      0,
      Array.from({ length: 20 }, (_, i) => `v${i}`),
    );
    const groupId = at.name('group');
    const revoked: RebalanceEvent[] = [];
    const first = await at.consumer({
      groupId,
      onRebalance: (event) => {
        if (event.kind === 'revoke') revoked.push(event);
        else
          first.completeRebalance(
            event,
            event.partitions.map((partition) => ({ ...partition, offset: -2 })),
          );
      },
    });
    first.subscribe([topic]);
    await readUntil(first, (seen) => seen.rows.length >= 20);
    const taken: RebalanceEvent[] = [];
    const second = await at.consumer({
      groupId,
      onRebalance: (event) => {
        taken.push(event);
        if (event.kind === 'revoke') second.completeRebalance(event);
      },
    });
    second.subscribe([topic]);
    await eventually('the group takes partitions from the first member', async () => {
      await Promise.all([first.read(LIMITS), second.read(LIMITS)]);
      return revoked.some(({ partitions }) => partitions.length > 0);
    });
    // The drain: the second member must get nothing before the first has answered.
    await first.commit([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: partition === 0 ? 20 : 0 })));
    for (let i = 0; i < 5; i += 1) await Promise.all([first.read(LIMITS), second.read(LIMITS)]);
    expect(taken.flatMap(({ partitions }) => partitions)).toEqual([]);
    for (const event of revoked) first.completeRebalance(event);
    let got: RebalanceEvent | undefined;
    await eventually('the second member is given partitions', async () => {
      for (const event of taken.splice(0)) {
        if (event.partitions.length > 0) got = event;
        else second.completeRebalance(event, []);
      }
      await Promise.all([first.read(LIMITS), second.read(LIMITS)]);
      return got !== undefined;
    });
    const event = got as RebalanceEvent;
    expect(event.kind).toBe('assign');
    const offsets = await second.committed(event.partitions, TIMEOUT);
    expect(offsets).toEqual(event.partitions.map((partition) => ({ ...partition, offset: partition.partition === 0 ? 20 : 0 })));
    second.completeRebalance(event, offsets);
    expect(first.assigned()).toHaveLength(2);
  });

  test('a flush tells of deliveries that failed, once', async () => {
    const small = at.name('small');
    await at.admin.createTopics([{ name: small, partitions: 1, config: { 'max.message.bytes': '200' } }], TIMEOUT);
    const producer = await at.producer({ compression: 'none' });
    await producer.write(batchOf(small, 0, ['x'.repeat(10_000)]));
    await expect(producer.flush(TIMEOUT)).rejects.toMatchObject({ name: 'KafkaError', code: 10 });
    await producer.write(batchOf(small, 0, ['fine']));
    await producer.flush(TIMEOUT);
    await at.admin.deleteTopics([small], TIMEOUT);
  });

  test('topics are created once, described, grown and deleted', async () => {
    const name = at.name('admin');
    const spec = { name, partitions: 2, config: { 'retention.ms': '123456789' } };
    const both = await Promise.all([at.admin.createTopics([spec], TIMEOUT), at.admin.createTopics([spec], TIMEOUT)]);
    expect(both.flat()).toEqual([name]);
    expect(await at.admin.createTopics([spec], TIMEOUT)).toEqual([]);
    const config = await at.admin.topicConfig(name, TIMEOUT);
    if (path === 'native') expect(config).toMatchObject({ 'retention.ms': '123456789' });
    else expect(config).toBeUndefined();
    const id = await at.admin.topicId?.(name, TIMEOUT);
    await at.admin.createPartitions(name, 5, TIMEOUT);
    await eventually('five partitions', async () =>
      (await at.admin.describeCluster(TIMEOUT)).topics.some((found) => found.name === name && found.partitions === 5),
    );
    await at.admin.deleteTopics([name, at.name('never-there')], TIMEOUT);
    expect((await at.admin.describeCluster(TIMEOUT)).topics.map((found) => found.name)).not.toContain(name);
    if (path === 'native') {
      await at.admin.createTopics([spec], TIMEOUT);
      expect(id).toMatch(/^[A-Za-z0-9+/]{22}$/);
      expect(await at.admin.topicId?.(name, TIMEOUT)).not.toBe(id);
      await at.admin.deleteTopics([name], TIMEOUT);
    }
  });

  test('an unreachable cluster is a retriable error, not a hang', async () => {
    const nowhere = new Harness('127.0.0.1:1', path, false);
    await expect(nowhere.consumer({ groupId: 'x' })).rejects.toMatchObject({ name: 'KafkaError', retriable: true });
    await nowhere.admin.close();
  });

  test('memory may be used again for other rows once they are delivered', async () => {
    const producer = await at.producer();
    const builder = new BatchBuilder([topic]);
    for (let round = 0; round < 20; round += 1) {
      builder.reset();
      for (let i = 0; i < 2000; i += 1) {
        builder.begin(0, 0, -1);
        builder.value(`${round}:${i}`);
      }
      await producer.write(builder.batch());
      await producer.flush(TIMEOUT);
    }
    const { rows } = await readUntil(await at.reader([{ topic, partition: 0 }]), (seen) => seen.rows.length >= 40_000);
    expect(rows.map(({ value }) => value)).toEqual(
      Array.from({ length: 40_000 }, (_, i) => `${Math.floor(i / 2000)}:${i % 2000}`),
    );
  });
});
