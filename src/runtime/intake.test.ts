import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { RecordingLog } from '../../test/support/tasks.ts';
import type { ReadResult, TopicPartitionOffset } from '../kafka/types.ts';
import type { MemoryConsumer } from '../testing/memory-kafka/memory-consumer.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { GroupIntake } from './intake.ts';
import type { IntakeOptions } from './intake-options.ts';

const LIMITS = { maxRecords: 100, maxBytes: 1_000_000, timeoutMs: 200 };

function setUp(more: Partial<IntakeOptions> = {}) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  kafka.createTopic('in', 2);
  const log = new RecordingLog();
  const started: TopicPartitionOffset[] = [];
  const intake = new GroupIntake({
    group: 'g',
    reset: { file: 'p.yaml', task: 't' },
    topics: ['in'],
    createConsumer: (onRebalance) => kafka.consumer({ groupId: 'g', onRebalance }),
    lookup: kafka.admin(),
    onStart: (at) => started.push(...at),
    onGiveUp: () => undefined,
    clock,
    log,
    ...more,
  });
  const read = (): Promise<ReadResult> => clock.run(intake.read(LIMITS));
  /** Reads until nothing more comes; returns the values. */
  const readAll = async (): Promise<string[]> => {
    const values: string[] = [];
    for (let empty = 0; empty < 3; ) {
      const { batch } = await read();
      empty = batch.length === 0 ? empty + 1 : 0;
      for (let row = 0; row < batch.length; row += 1) values.push(batch.valueText(row));
    }
    return values;
  };
  return {
    clock,
    kafka,
    log,
    intake,
    started,
    read,
    readAll,
    group: kafka.group('g'),
    consumer: intake.consumer as MemoryConsumer,
  };
}

describe('GroupIntake', () => {
  it('begins at the committed offsets, and at the beginning where there are none', async () => {
    const { kafka, intake, started, readAll, group } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a', 'b', 'c']);
    kafka.produce({ topic: 'in', partition: 1 }, ['x']);
    group.commit([{ topic: 'in', partition: 0, offset: 2 }]);
    await intake.start();
    expect(await readAll()).toEqual(['c', 'x']);
    expect(started).toEqual([
      { topic: 'in', partition: 0, offset: 2 },
      { topic: 'in', partition: 1, offset: 0 },
    ]);
  });

  it('reads nothing of a partition while the offsets of its last owner hang in a transaction', async () => {
    const { clock, kafka, intake, read, readAll, group } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a', 'b']);
    const last = kafka.consumer({ groupId: 'g' });
    const producer = kafka.producer({ transactionalId: 't' });
    await producer.initTransactions(1);
    await producer.beginTransaction();
    await producer.sendOffsets([{ topic: 'in', partition: 0, offset: 1 }], last, 1);
    await intake.start();
    for (let i = 0; i < 20; i += 1) expect((await read()).batch.length).toBe(0);
    expect(intake.ready).toBe(false);
    await producer.commitTransaction(1);
    await clock.advance(1_000);
    expect(await readAll()).toEqual(['b']);
    expect(group.committed.get('in/0')).toBe(1);
  });

  it('tries again, for as long as that takes, to learn the committed offsets, and gives up when it closes', async () => {
    const { clock, kafka, intake, log, readAll, read } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a']);
    kafka.script = (point) => (point === 'committed' ? 'undone' : undefined);
    await intake.start();
    for (let i = 0; i < 20; i += 1) await read();
    expect(log.lines.length).toBeGreaterThan(3);
    kafka.script = () => undefined;
    await clock.advance(1_000);
    expect(await readAll()).toEqual(['a']);
    const other = setUp();
    other.kafka.script = (point) => (point === 'committed' ? 'undone' : undefined);
    await other.intake.start();
    await other.read();
    await other.clock.run(other.intake.close());
    expect(other.clock.sleeping).toBe(0);
  });

  it('restores nothing for an assignment that is over when its committed offsets come', async () => {
    const restored: number[][] = [];
    const { clock, kafka, intake, read, readAll, consumer } = setUp({
      restore: (partitions) => {
        restored.push(partitions.map(({ partition }) => partition));
        return Promise.resolve();
      },
    });
    kafka.produce({ topic: 'in', partition: 0 }, ['a']);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const committed = consumer.committed.bind(consumer);
    consumer.committed = async (partitions, timeoutMs) => {
      consumer.committed = committed;
      await answered;
      return committed(partitions, timeoutMs);
    };
    await intake.start();
    await read();
    // Taken away and given back while the look hangs in the transaction of somebody who was killed.
    const partitions = [0, 1].map((partition) => ({ topic: 'in', partition }));
    consumer.tell({ kind: 'revoke', partitions, lost: false });
    intake.completeRevoke();
    consumer.tell({ kind: 'assign', partitions, lost: false });
    expect(await readAll()).toEqual(['a']);
    expect(restored).toEqual([[0, 1]]);
    answer();
    await clock.settle();
    await read();
    expect(restored).toEqual([[0, 1]]);
  });

  it('rewinds also what it is about to give up, since it may be read until then', async () => {
    const { kafka, intake, read, readAll, consumer } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a', 'b']);
    await intake.start();
    expect(await readAll()).toEqual(['a', 'b']);
    // An assignment that has not been taken up stands before the revocation.
    consumer.tell({ kind: 'assign', partitions: [], lost: false });
    consumer.tell({ kind: 'revoke', partitions: [{ topic: 'in', partition: 0 }], lost: false });
    expect(intake.revoking).toBe(false);
    await intake.rewind();
    expect((await read()).batch.valueText(0)).toBe('a');
    expect(intake.revoking).toBe(true);
  });

  it('keeps its membership while it may take nothing, and loses no record by that', async () => {
    const { clock, kafka, intake, readAll, consumer } = setUp();
    await intake.start();
    await readAll();
    kafka.produce({ topic: 'in', partition: 0 }, ['a', 'b']);
    const before = consumer.reads;
    for (let i = 0; i < 5; i += 1) await clock.run(intake.idle());
    expect(consumer.reads - before).toBe(5);
    expect(await readAll()).toEqual(['a', 'b']);
  });

  it('starts partitions that come while it is idle, and gives back what got through', async () => {
    const { clock, kafka, intake, readAll } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a', 'b']);
    await intake.start();
    for (let i = 0; i < 5; i += 1) {
      await clock.run(intake.idle());
      await clock.settle();
    }
    expect(await readAll()).toEqual(['a', 'b']);
  });

  it('has caught up when it has seen the end that the log has now, not one from before', async () => {
    const { kafka, intake, readAll } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, ['a']);
    await intake.start();
    expect(await intake.caughtUp()).toBe(false);
    await readAll();
    expect(await intake.caughtUp()).toBe(true);
    kafka.produce({ topic: 'in', partition: 0 }, ['b']);
    expect(await intake.caughtUp()).toBe(false);
    await readAll();
    expect(await intake.caughtUp()).toBe(true);
    await intake.rewind();
    expect(await intake.caughtUp()).toBe(false);
    expect(await readAll()).toEqual(['a', 'b']);
    expect(await intake.caughtUp()).toBe(true);
  });

  it('refuses a bounded run in a group that others are in', async () => {
    const { clock, intake, readAll, group } = setUp({ allPartitions: 2 });
    group.join({ id: 999, topics: ['in'], deliver: () => undefined });
    await intake.start();
    await readAll();
    expect(await intake.caughtUp()).toBe(false);
    await clock.advance(31_000);
    await expect(intake.caughtUp()).rejects.toMatchObject({ code: 'GROUP_IN_USE' });
  });

  it('names the way out where the committed offset is gone, and passes over what passes', async () => {
    const { intake, read, consumer } = setUp();
    await intake.start();
    const facts = { message: 'm', retriable: false, requiresAbort: false };
    consumer.errors.push({ kind: 'error', error: { code: -195, fatal: false, ...facts } });
    await read();
    consumer.errors.push({ kind: 'error', topic: 'in', partition: 1, error: { code: -140, fatal: false, ...facts } });
    await expect(read()).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      parameters: { topic: 'in', partition: 1 },
      message: expect.stringContaining('`millrace reset p.yaml --task t --to beginning`'),
    });
    consumer.errors.push({ kind: 'error', error: { code: -150, fatal: true, ...facts } });
    await expect(read()).rejects.toMatchObject({ code: 'KAFKA_CLIENT_FAILED' });
  });

  it('answers every rebalance while it closes, those from before too', async () => {
    const { clock, intake, kafka, group } = setUp();
    await intake.start();
    kafka.group('g').rotate();
    await clock.run(intake.close());
    expect(group.members).toEqual([]);
  });
});
