import { describe, expect, it } from 'vitest';
import { fakeError } from '../../test/support/fake-faults.ts';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Positions } from '../sdk/source.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Names } from '../topology/names.ts';
import { readWhole } from './compacted-topic.ts';
import { forgetPositions, hash, isFenced, PositionStore } from './positions.ts';

const names = new Names('ns');

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  kafka.createTopic(names.positions, 4);
  const storeOf = (writer: string, source = 'web'): PositionStore =>
    new PositionStore({
      topic: names.positions,
      partitions: 4,
      keyPrefix: `${names.positionKey('logs', source, 'h1')}inc/`,
      writer,
      kafka,
      lookup: kafka.admin(),
    });
  const put = async (store: PositionStore, positions: Positions): Promise<void> => {
    const outputs = new BatchBuilder([names.positions]);
    store.add(outputs, 0, positions);
    const producer = kafka.producer({});
    await producer.write(outputs.batch());
  };
  return { clock, kafka, storeOf, put, signal: new AbortController().signal };
}

describe('PositionStore', () => {
  it('gives back the last position of each input, forgets tombstones, and names the other writers', async () => {
    const { clock, storeOf, put, signal } = setUp();
    const mine = storeOf('me');
    await put(mine, { a: 1, b: { offset: 2 }, __proto__x: 'odd', gone: 3 });
    await put(storeOf('you'), { a: 7, gone: null });
    await put(storeOf('me', 'web2'), { a: 99 });
    const { positions, writers } = await clock.run(mine.read(signal));
    expect(Object.fromEntries(positions)).toEqual({ a: 7, b: { offset: 2 }, __proto__x: 'odd' });
    expect([...writers]).toEqual(['you']);
  });

  it('reads on behind the open transaction of another, until that has ended', async () => {
    const { clock, kafka, storeOf, put, signal } = setUp();
    const store = storeOf('me');
    const other = kafka.producer({ transactionalId: 'other' });
    await other.initTransactions(1);
    await other.beginTransaction();
    const outputs = new BatchBuilder([names.positions]);
    outputs.begin(0, store.partition, -1);
    outputs.key('x');
    await other.write(outputs.batch());
    await put(store, { a: 5 });
    let read = false;
    const reading = store.read(signal).then(({ positions }) => {
      read = true;
      return positions;
    });
    await clock.advance(5_000);
    expect(read).toBe(false);
    await other.abortTransaction(1);
    expect((await clock.run(reading)).get('a')).toBe(5);
  });

  it('ends when told to, and closes its consumer also when that cannot connect', async () => {
    const { clock, kafka, storeOf, put } = setUp();
    const store = storeOf('me');
    await put(store, { a: 1 });
    await expect(clock.run(store.read(AbortSignal.abort(new Error('stop'))))).rejects.toThrow('stop');
    kafka.script = (point) => (point === 'connect' ? 'undone' : undefined);
    await expect(clock.run(store.read(new AbortController().signal))).rejects.toThrow('connect');
    expect([...kafka.consumers].every(({ closed }) => closed)).toBe(true);
  });

  it('forgets all positions of one source, of whatever incarnation, and no other', async () => {
    const { clock, kafka, storeOf, put, signal } = setUp();
    await put(storeOf('me'), { a: 1, b: 2 });
    await put(storeOf('me', 'web2'), { a: 9 });
    const at = { kafka, admin: kafka.admin(), names, pipeline: 'logs', source: 'web', host: 'h1' };
    expect(await clock.run(forgetPositions(at))).toBe(2);
    expect(await clock.run(forgetPositions(at))).toBe(0);
    expect((await clock.run(storeOf('me').read(signal))).positions.size).toBe(0);
    expect((await clock.run(storeOf('me', 'web2').read(signal))).positions.size).toBe(1);
  });
});

describe('readWhole', () => {
  it('reads nothing of an empty partition, and makes no client for it', async () => {
    const { clock, kafka } = setUp();
    await clock.run(
      readWhole({ kafka, lookup: kafka.admin(), topic: names.positions, partition: 0 }, () => expect.unreachable()),
    );
    expect(kafka.consumers.size).toBe(0);
  });

  it('throws a fatal error with what it was reading', async () => {
    const { clock, kafka } = setUp();
    kafka.produce({ topic: names.positions, partition: 0 }, ['x']);
    kafka.script = (point) => {
      if (point === 'read') {
        const error = { code: -150, message: 'gone', retriable: false, fatal: true, requiresAbort: false };
        for (const consumer of kafka.consumers) consumer.errors.push({ kind: 'error', error });
      }
      return undefined;
    };
    const reading = readWhole({ kafka, lookup: kafka.admin(), topic: names.positions, partition: 0 }, () => undefined);
    await expect(clock.run(reading)).rejects.toThrow(/reading ns.positions partition 0: gone/);
  });

  it('does not wait for ever for brokers that are gone, and does for one that answers', async () => {
    const { clock, kafka } = setUp();
    kafka.produce({ topic: names.positions, partition: 0 }, ['x']);
    const opener = kafka.producer({ transactionalId: 'open' });
    await clock.run(
      opener
        .connect()
        .then(() => opener.initTransactions(1))
        .then(() => opener.beginTransaction()),
    );
    const outputs = new BatchBuilder([names.positions]);
    outputs.begin(0, 0, -1);
    outputs.value('y');
    await clock.run(opener.write(outputs.batch()));
    let settled = false;
    const reading = readWhole({ kafka, lookup: kafka.admin(), topic: names.positions, partition: 0 }, () => undefined);
    reading.catch(() => undefined).finally(() => (settled = true));
    await clock.advance(120_000);
    expect(settled).toBe(false);
    kafka.script = (point) => (point === 'watermarks' ? 'undone' : undefined);
    await expect(clock.run(reading)).rejects.toThrow(/watermarks/);
  });
});

it('tells being fenced from other errors', () => {
  expect(isFenced(fakeError('fenced', 'x'))).toBe(true);
  expect(isFenced(fakeError('fatal', 'x'))).toBe(false);
  expect(isFenced(new Error('fenced'))).toBe(false);
});

it('spreads by FNV-1a, which is a format', () => {
  expect(hash('')).toBe(0x811c9dc5);
  expect(hash('a')).toBe(0xe40c292c);
  expect(hash('foobar')).toBe(0xbf9cf968);
});
