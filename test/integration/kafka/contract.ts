import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BatchConsumer } from '../../../src/kafka/types.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { encodeHeaders } from '../../../src/record/headers.ts';
import { batchOf, eventually, Harness, LIMITS, readUntil, rowsOf } from './harness.ts';

const numbered = (count: number, size = 10): string[] => Array.from({ length: count }, (_, i) => String(i).padStart(size, '0'));

/** What both ways across the native border must do alike. `brokers` is asked for before the first test. */
export function batchContract(path: 'native' | 'fallback', cluster: { brokers: () => string; embedded: boolean }): void {
  describe(`batches, ${path}`, { timeout: 60_000 }, () => {
    let at: Harness;
    let topic: string;

    beforeAll(() => expect(cluster.brokers()).not.toBe(''));
    beforeEach(async () => {
      at = new Harness(cluster.brokers(), path, cluster.embedded);
      topic = await at.topic();
    });
    afterEach(() => at.close());

    test('takes the path it was told to', () => {
      expect(at.kafka.path).toBe(path);
    });

    test('keeps null apart from empty, headers in order, and timestamps', async () => {
      const producer = await at.producer();
      const builder = new BatchBuilder([topic]);
      builder.begin(0, 0, 1_600_000_000_123);
      builder.key(null);
      builder.value(null);
      builder.begin(0, 0, 1_600_000_000_124);
      builder.key('');
      builder.value('');
      builder.begin(0, 0, 1_600_000_000_125);
      builder.key(Buffer.from([0, 255, 128]));
      builder.value(Buffer.from([255, 0, 10]));
      builder.headers(
        encodeHeaders([
          { name: 'b', value: '1' },
          { name: 'a', value: '' },
          { name: 'b', value: '2' },
        ]),
      );
      await producer.write(builder.batch());
      await producer.flush(30_000);
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const { rows } = await readUntil(consumer, (seen) => seen.rows.length >= 3);
      expect(rows).toEqual([
        { topic, partition: 0, offset: 0, timestamp: 1_600_000_000_123, key: null, value: null, headers: [] },
        { topic, partition: 0, offset: 1, timestamp: 1_600_000_000_124, key: '', value: '', headers: [] },
        {
          topic,
          partition: 0,
          offset: 2,
          timestamp: 1_600_000_000_125,
          key: '\x00\xff\x80',
          value: '\xff\x00\n',
          headers: [
            ['b', '1'],
            ['a', ''],
            ['b', '2'],
          ],
        },
      ]);
    });

    test('carries headers that are null or no text; without the addon as text', async () => {
      const producer = await at.producer();
      const builder = new BatchBuilder([topic]);
      builder.begin(0, 0, -1);
      builder.value('x');
      builder.headers(
        encodeHeaders([
          { name: 'null', value: null },
          { name: 'bytes', value: Buffer.from([255, 65]) },
        ]),
      );
      await producer.write(builder.batch());
      await producer.flush(30_000);
      const { rows } = await readUntil(await at.reader([{ topic, partition: 0 }]), (seen) => seen.rows.length >= 1);
      const replaced = Buffer.from('\ufffdA', 'utf8').toString('latin1');
      expect(rows[0]?.headers).toEqual(
        path === 'native'
          ? [
              ['null', null],
              ['bytes', '\xffA'],
            ]
          : [
              ['null', ''],
              ['bytes', replaced],
            ],
      );
    });

    test('gives a record without a timestamp the time of its writing', async () => {
      const before = Date.now();
      await at.write(topic, 0, ['x']);
      const { rows } = await readUntil(await at.reader([{ topic, partition: 0 }]), (seen) => seen.rows.length >= 1);
      expect(rows[0]?.timestamp).toBeGreaterThanOrEqual(before);
      expect(rows[0]?.timestamp).toBeLessThanOrEqual(Date.now());
    });

    test('reads several topics and partitions in one batch stream', async () => {
      const other = await at.topic();
      const producer = await at.producer();
      const builder = new BatchBuilder();
      for (let i = 0; i < 400; i += 1) {
        builder.begin(builder.topicIndex(i % 2 === 0 ? topic : other), i % 4, -1);
        builder.value(`v${i}`);
      }
      await producer.write(builder.batch());
      await producer.flush(30_000);
      const partitions = [topic, other].flatMap((name) => [0, 1, 2, 3].map((partition) => ({ topic: name, partition })));
      const { rows } = await readUntil(await at.reader(partitions), (seen) => seen.rows.length >= 400);
      expect(rows).toHaveLength(400);
      for (const { value, topic: name, partition } of rows) {
        const i = Number(value?.slice(1));
        expect([name, partition]).toEqual([i % 2 === 0 ? topic : other, i % 4]);
      }
    });

    test('partitions keys as Java does', async () => {
      const producer = await at.producer();
      const builder = new BatchBuilder([topic]);
      for (let i = 0; i < 100; i += 1) {
        builder.begin(0, -1, -1);
        builder.key(`key-${i % 10}`);
        builder.value('x');
      }
      await producer.write(builder.batch());
      await producer.flush(30_000);
      const { rows } = await readUntil(
        await at.reader([0, 1, 2, 3].map((partition) => ({ topic, partition }))),
        (seen) => seen.rows.length >= 100,
      );
      for (const { key, partition } of rows) expect(partition).toBe(javaPartition(Buffer.from(key ?? ''), 4));
    });

    test('carries records of 1 MB, one at a time where the bound is smaller', async () => {
      const producer = await at.producer({ compression: 'none' });
      const builder = new BatchBuilder([topic]);
      for (const letter of ['a', 'b', 'c']) {
        builder.begin(0, 0, -1);
        builder.value(letter.repeat(1_000_000));
      }
      await producer.write(builder.batch());
      await producer.flush(30_000);
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const values: string[] = [];
      await eventually('three records read', async () => {
        const { batch } = await consumer.read({ ...LIMITS, maxBytes: 1000 });
        expect(batch.length).toBeLessThanOrEqual(1);
        values.push(...rowsOf(batch).map(({ value }) => value ?? ''));
        return values.length === 3;
      });
      expect(values.map((value) => [value[0], value.length])).toEqual([
        ['a', 1_000_000],
        ['b', 1_000_000],
        ['c', 1_000_000],
      ]);
    });

    test('holds to maxBytes and maxRecords and loses nothing by it', async () => {
      await at.write(topic, 0, numbered(1000, 100));
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const values: string[] = [];
      await eventually('all records read', async () => {
        const { batch } = await consumer.read({ maxRecords: 33, maxBytes: 2500, timeoutMs: 100 });
        expect(batch.length).toBeLessThanOrEqual(25);
        values.push(...rowsOf(batch).map(({ value }) => value ?? ''));
        return values.length >= 1000;
      });
      expect(values).toEqual(numbered(1000, 100));
    });

    test('keeps a batch as it is until the next but one', async () => {
      await at.write(topic, 0, numbered(200));
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const limits = { ...LIMITS, maxRecords: 50 };
      const first = await nonEmpty(consumer, limits);
      const before = rowsOf(first);
      const second = await nonEmpty(consumer, limits);
      expect(rowsOf(first)).toEqual(before);
      expect(rowsOf(second)[0]?.offset).toBe((before.at(-1)?.offset ?? 0) + 1);
    });

    test('tells the end of each partition with its offset', async () => {
      await at.write(topic, 1, numbered(7));
      const consumer = await at.reader([0, 1].map((partition) => ({ topic, partition })));
      const { events, rows } = await readUntil(
        consumer,
        (seen) => seen.events.filter(({ kind }) => kind === 'end').length >= 2 && seen.rows.length >= 7,
      );
      expect(rows).toHaveLength(7);
      const ends = new Map(events.flatMap((event) => (event.kind === 'end' ? [[event.partition, event.offset]] : [])));
      expect(ends).toEqual(
        new Map([
          [0, 0],
          [1, 7],
        ]),
      );
    });

    test('pauses and resumes without loss, repetition or records in between', async () => {
      await at.write(topic, 0, numbered(500, 100));
      const consumer = await at.reader([{ topic, partition: 0 }]);
      // A bound in bytes makes the layer hold a record back, which a pause must not let through either.
      const limits = { ...LIMITS, maxBytes: 1000 };
      const first = rowsOf(await nonEmpty(consumer, limits));
      consumer.pause([{ topic, partition: 0 }]);
      for (let i = 0; i < 3; i += 1) expect((await consumer.read(limits)).batch.length).toBe(0);
      consumer.resume([{ topic, partition: 0 }]);
      const { rows } = await readUntil(consumer, (seen) => seen.rows.length >= 500 - first.length, limits);
      expect([...first, ...rows].map(({ value }) => value)).toEqual(numbered(500, 100));
    });

    test('seeks: nothing of before is seen after', async () => {
      await at.write(topic, 0, numbered(500, 100));
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const limits = { ...LIMITS, maxBytes: 1000 };
      await nonEmpty(consumer, limits);
      await consumer.seek([{ topic, partition: 0, offset: 300 }]);
      const { rows } = await readUntil(consumer, (seen) => seen.rows.length >= 200, limits);
      expect(rows.map(({ offset }) => offset)).toEqual(Array.from({ length: 200 }, (_, i) => 300 + i));
      await consumer.seek([{ topic, partition: 0, offset: 0 }]);
      expect(rowsOf(await nonEmpty(consumer, limits))[0]?.offset).toBe(0);
    });

    test('refuses a seek and a second read during a read', async () => {
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const reading = consumer.read({ ...LIMITS, timeoutMs: 500 });
      await expect(consumer.seek([{ topic, partition: 0, offset: 0 }])).rejects.toMatchObject({ name: 'KafkaError', code: -172 });
      await expect(consumer.read(LIMITS)).rejects.toMatchObject({ name: 'KafkaError', code: -172 });
      await reading;
    });

    test('makes an offset out of range an error, never a jump', async () => {
      await at.write(topic, 0, numbered(5));
      const consumer = await at.consumer({});
      consumer.assign([{ topic, partition: 0, offset: 1000 }]);
      const { rows, events } = await readUntil(consumer, (seen) => seen.events.some(({ kind }) => kind === 'error'));
      expect(rows).toEqual([]);
      expect(events.find(({ kind }) => kind === 'error')).toMatchObject({ error: { code: -140 } });
    });

    test('waits while its queue is full, and stops waiting when told to', async () => {
      const producer = await at.producer({ queueMessages: 100, lingerMs: 1 });
      await producer.write(batchOf(topic, 2, numbered(5000)));
      await producer.flush(30_000);
      const { rows } = await readUntil(await at.reader([{ topic, partition: 2 }]), (seen) => seen.rows.length >= 5000);
      expect(rows.map(({ value }) => value)).toEqual(numbered(5000));
      const stopped = new AbortController();
      const reason = new Error('enough');
      const slow = await at.producer({ queueMessages: 10, lingerMs: 1000 });
      const writing = slow.write(batchOf(topic, 3, numbered(1000)), stopped.signal);
      stopped.abort(reason);
      await expect(writing).rejects.toBe(reason);
    });

    test('commits offsets and finds them again', async () => {
      const groupId = at.name('group');
      const consumer = await at.reader([{ topic, partition: 0 }], { groupId });
      await consumer.commit([{ topic, partition: 0, offset: 42 }]);
      const asked = [0, 1].map((partition) => ({ topic, partition }));
      expect(await consumer.committed(asked, 10_000)).toEqual([
        { topic, partition: 0, offset: 42 },
        { topic, partition: 1, offset: -1 },
      ]);
    });

    test('closes during a read, a write and a wait, twice, and refuses to work afterwards', async () => {
      const consumer = await at.reader([{ topic, partition: 0 }]);
      const reading = consumer.read({ ...LIMITS, timeoutMs: 300 });
      await Promise.all([consumer.close(), consumer.close()]);
      await reading;
      await expect(consumer.read(LIMITS)).rejects.toMatchObject({ name: 'KafkaError' });
      const producer = await at.producer({ queueMessages: 10, lingerMs: 1000 });
      const writing = producer.write(batchOf(topic, 0, numbered(1000)));
      const refused = expect(writing).rejects.toMatchObject({ name: 'KafkaError' });
      await Promise.all([producer.close(), producer.close()]);
      await refused;
      // node-rdkafka itself would crash the process here.
      await expect(producer.sendOffsets([], consumer, 1000)).rejects.toMatchObject({ name: 'KafkaError' });
    });

    // The embedded cluster takes many seconds for each rebalance: once is enough there.
    test.skipIf(cluster.embedded && path === 'fallback')(
      'shares a topic out among members, pauses in the same turn, and leaves cleanly',
      async () => {
        await at.write(topic, 0, numbered(50));
        const groupId = at.name('group');
        const members = [await pausedMember(at, groupId, topic), await pausedMember(at, groupId, topic)] as const;
        const owned = (): number[] => members.map((member) => member.consumer.assigned().length);
        await eventually('two partitions each', async () => {
          for (const { consumer } of members) expect((await consumer.read(LIMITS)).batch.length).toBe(0);
          return owned().join() === '2,2';
        });
        await members[0].consumer.close();
        await eventually('four partitions for the one left', async () => {
          expect((await members[1].consumer.read(LIMITS)).batch.length).toBe(0);
          return members[1].consumer.assigned().length === 4;
        });
        members[1].consumer.resume([0, 1, 2, 3].map((partition) => ({ topic, partition })));
        const { rows } = await readUntil(members[1].consumer, (seen) => seen.rows.length >= 50);
        expect(rows.map(({ value }) => value)).toEqual(numbered(50));
      },
    );
  });
}

async function pausedMember(at: Harness, groupId: string, topic: string): Promise<{ consumer: BatchConsumer }> {
  const consumer = await at.consumer({
    groupId,
    onRebalance: (event) =>
      consumer.completeRebalance(
        event,
        event.partitions.map((partition) => ({ ...partition, offset: -2 })),
        true,
      ),
  });
  consumer.subscribe([topic]);
  return { consumer };
}

async function nonEmpty(consumer: BatchConsumer, limits = LIMITS): Promise<Awaited<ReturnType<BatchConsumer['read']>>['batch']> {
  const end = Date.now() + 30_000;
  for (;;) {
    const { batch } = await consumer.read(limits);
    if (batch.length > 0) return batch;
    if (Date.now() > end) throw new Error('no record in 30 s');
  }
}

/** Kafka's partition of a key: murmur2 as in org.apache.kafka.common.utils.Utils, without the sign, modulo the count. */
function javaPartition(key: Buffer, partitions: number): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ key.length;
  let i = 0;
  for (; i + 4 <= key.length; i += 4) {
    let k = Math.imul(key.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = key.length - i;
  if (rest === 3) h ^= (key[i + 2] as number) << 16;
  if (rest >= 2) h ^= (key[i + 1] as number) << 8;
  if (rest >= 1) h = Math.imul(h ^ (key[i] as number), m);
  h = Math.imul(h ^ (h >>> 13), m);
  h ^= h >>> 15;
  return (h & 0x7fffffff) % partitions;
}
