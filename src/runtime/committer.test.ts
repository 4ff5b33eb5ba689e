import { describe, expect, it } from 'vitest';
import { type FakeFault, fakeError } from '../../test/support/fake-faults.ts';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { MillraceError } from '../errors/index.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AtLeastOnceCommitter, TransactionalCommitter } from './committer.ts';

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  for (const topic of ['in', 'out']) kafka.createTopic(topic);
  const consumer = kafka.consumer({ groupId: 'g' });
  const outputs = new BatchBuilder(['out']);
  outputs.begin(0, 0, -1);
  outputs.value('one');
  const unit = { outputs: outputs.batch(), offsets: [{ topic: 'in', partition: 0, offset: 5 }], consumer };
  return { clock, kafka, unit, out: kafka.log({ topic: 'out', partition: 0 }), group: kafka.group('g') };
}

/** The next call of `point` fails so. */
function failOnce(kafka: FakeKafka, point: string, fault: FakeFault): void {
  kafka.script = (at) => {
    if (at !== point) return undefined;
    kafka.script = () => undefined;
    return fault;
  };
}

describe('TransactionalCommitter', () => {
  it('refuses to commit before it is open', async () => {
    const { kafka, unit } = setUp();
    await expect(new TransactionalCommitter(() => kafka.producer({ transactionalId: 't' })).commit(unit)).rejects.toThrow(
      'before open',
    );
  });

  it('passes its fault points in order', async () => {
    const { kafka, unit } = setUp();
    const passed: string[] = [];
    const committer = new TransactionalCommitter(
      () => kafka.producer({ transactionalId: 't' }),
      (point) => passed.push(point),
    );
    await committer.open();
    await committer.commit(unit);
    expect(passed).toEqual(['after_produce', 'after_send_offsets', 'after_commit']);
  });

  it.each(['begin', 'write', 'sendOffsets', 'commitTransaction'])(
    'can commit again after any failure of %s, once recovered',
    async (point) => {
      for (const fault of ['abortable', 'fatal', 'undone', 'done'] as const) {
        const { kafka, unit, out, group } = setUp();
        const committer = new TransactionalCommitter(() => kafka.producer({ transactionalId: 't' }));
        await committer.open();
        failOnce(kafka, point, fault);
        await expect(committer.commit(unit)).rejects.toThrow('scripted');
        await committer.recover();
        expect(out.stable).toBe(out.high);
        const done = point === 'commitTransaction' && fault === 'done';
        expect(kafka.values('out'), `${point} ${fault}`).toEqual(done ? ['one'] : []);
        expect(group.committed.get('in/0')).toBe(done ? 5 : undefined);
        await committer.commit(unit);
        expect(kafka.values('out')).toHaveLength(done ? 2 : 1);
        expect([...kafka.producers].filter(({ closed }) => !closed)).toHaveLength(1);
      }
    },
  );

  it('ends the transaction when its input turns out to be lost after the offsets were taken', async () => {
    const { kafka, unit, out, group } = setUp();
    const committer = new TransactionalCommitter(() => kafka.producer({ transactionalId: 't' }));
    await committer.open();
    let asked = 0;
    const assertOwned = (): void => {
      asked += 1;
      if (asked === 2) throw new MillraceError('PARTITIONS_LOST', { group: 'g' });
    };
    await expect(committer.commit({ ...unit, assertOwned })).rejects.toMatchObject({ code: 'PARTITIONS_LOST' });
    await committer.recover();
    expect(kafka.values('out')).toEqual([]);
    expect(out.stable).toBe(out.high);
    expect(group.committed.size).toBe(0);
  });

  it('can be recovered again when a recovery fails', async () => {
    const { kafka, unit } = setUp();
    const committer = new TransactionalCommitter(() => kafka.producer({ transactionalId: 't' }));
    await committer.open();
    failOnce(kafka, 'commitTransaction', 'fatal');
    await expect(committer.commit(unit)).rejects.toThrow('fatal');
    failOnce(kafka, 'init', 'undone');
    await expect(committer.recover()).rejects.toThrow('not done');
    await committer.recover();
    await committer.commit(unit);
    expect(kafka.values('out')).toEqual(['one']);
  });

  it('leaves no transaction open when it closes after a failure, even where that cannot be ended', async () => {
    const { clock, kafka, unit, out } = setUp();
    const committer = new TransactionalCommitter(() => kafka.producer({ transactionalId: 't' }));
    await committer.open();
    failOnce(kafka, 'sendOffsets', 'abortable');
    await expect(committer.commit(unit)).rejects.toThrow('abort');
    await committer.close();
    await committer.close();
    expect(out.stable).toBe(out.high);
    await committer.open();
    failOnce(kafka, 'sendOffsets', 'abortable');
    await expect(committer.commit(unit)).rejects.toThrow('abort');
    failOnce(kafka, 'abortTransaction', 'undone');
    await committer.close();
    await clock.advance(10_000);
    expect(out.stable).toBe(out.high);
  });
});

describe('AtLeastOnceCommitter', () => {
  it('commits offsets only after the records have been acknowledged', async () => {
    const { kafka, unit, group } = setUp();
    const committer = new AtLeastOnceCommitter(() => kafka.producer({}));
    await expect(committer.commit(unit)).rejects.toThrow('before open');
    await committer.open();
    kafka.script = (point) => (point === 'flush' ? 'undone' : undefined);
    await expect(committer.commit(unit)).rejects.toThrow('scripted');
    expect(group.committed.size).toBe(0);
    kafka.script = () => undefined;
    await committer.recover();
    kafka.consumers.values().next().value?.subscribe(['in']);
    await committer.commit(unit);
    expect(group.committed.get('in/0')).toBe(5);
    expect(kafka.values('out')).toEqual(['one', 'one']);
    await committer.close();
  });

  it('is told apart by what the errors say', () => {
    expect(fakeError('abortable', 'x')).toMatchObject({ requiresAbort: true, fatal: false });
    expect(fakeError('fenced', 'x')).toMatchObject({ code: -144, fatal: true });
  });
});
