import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { RecordingLog } from '../../test/support/tasks.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AlternatingCommitter } from './alternating-committer.ts';
import { type CommitUnit, TransactionalCommitter } from './committer.ts';

const FAR_APART_MS = 1_000;

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  for (const topic of ['in', 'out']) kafka.createTopic(topic);
  const consumer = kafka.consumer({ groupId: 'g' });
  /** Which producer began each transaction. */
  const begun: string[] = [];
  kafka.script = (point, id) => {
    if (point === 'begin') begun.push(id);
    return undefined;
  };
  const make = (): AlternatingCommitter => {
    const of = (id: string): TransactionalCommitter => new TransactionalCommitter(() => kafka.producer({ transactionalId: id }));
    return new AlternatingCommitter(of('a'), of('b'), { clock, log: new RecordingLog() });
  };
  const unit = (n: number): CommitUnit => {
    const outputs = new BatchBuilder(['out']);
    outputs.begin(0, 0, -1);
    outputs.value(String(n));
    return { outputs: outputs.batch(), offsets: [{ topic: 'in', partition: 0, offset: n }], consumer };
  };
  const written = (): (string | undefined)[] =>
    kafka
      .log({ topic: 'out', partition: 0 })
      .committed()
      .map(({ value }) => value?.toString());
  return { clock, kafka, begun, make, unit, written };
}

/** Lets what was begun in the background settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

describe('AlternatingCommitter', () => {
  it('keeps to one producer while commits are far apart', async () => {
    const { clock, begun, make, unit } = setUp();
    const committer = make();
    await committer.open();
    for (let n = 1; n <= 4; n += 1) {
      await committer.commit(unit(n));
      await clock.advance(FAR_APART_MS);
    }
    expect(begun).toEqual(['a', 'a', 'a', 'a']);
  });

  it('takes turns once commits follow each other closely, and writes in order', async () => {
    const { begun, make, unit, written } = setUp();
    const committer = make();
    await committer.open();
    for (let n = 1; n <= 6; n += 1) {
      await committer.commit(unit(n));
      await settle();
    }
    // The second is used once the first has committed after it was opened.
    expect(begun).toEqual(['a', 'a', 'a', 'b', 'a', 'b']);
    expect(written()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('goes on after a failure of either producer, with nothing of it written', async () => {
    const { kafka, make, unit, written } = setUp();
    const committer = make();
    await committer.open();
    let failAt = 0;
    let commits = 0;
    kafka.script = (point) => {
      if (point !== 'commitTransaction') return undefined;
      commits += 1;
      return commits === failAt ? 'fatal' : undefined;
    };
    for (let n = 1; n <= 8; n += 1) {
      if (n === 4 || n === 5) {
        failAt = commits + 1;
        await expect(committer.commit(unit(100 + n))).rejects.toThrow('scripted');
        await committer.recover();
      }
      await committer.commit(unit(n));
      await settle();
    }
    expect(written()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });

  it('ends, when it opens, what either producer of an earlier life left open, and fences both', async () => {
    const { make, unit, written } = setUp();
    const earlier = make();
    await earlier.open();
    for (let n = 1; n <= 3; n += 1) {
      await earlier.commit(unit(n));
      await settle();
    }
    // The fourth is in the hands of the one producer, a later one of the other: neither may be committed any more.
    const later = make();
    await later.open();
    await expect(earlier.commit(unit(4))).rejects.toMatchObject({ fatal: true });
    await expect(earlier.commit(unit(5))).rejects.toMatchObject({ fatal: true });
    await later.commit(unit(6));
    expect(written()).toEqual(['1', '2', '3', '6']);
  });

  it('takes both producers over when it recovers: of two processes one is always fenced', async () => {
    const { make, unit, written } = setUp();
    const one = make();
    await one.open();
    for (let n = 1; n <= 5; n += 1) {
      await one.commit(unit(n));
      await settle();
    }
    const other = make();
    await other.open();
    await expect(one.commit(unit(6))).rejects.toMatchObject({ fatal: true });
    await one.recover();
    await expect(other.commit(unit(6))).rejects.toMatchObject({ fatal: true });
    await other.recover();
    // Whichever of its producers it would use next.
    for (let n = 0; n < 3; n += 1) await expect(one.commit(unit(6))).rejects.toMatchObject({ fatal: true });
    await other.commit(unit(6));
    expect(written()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('does not use a second producer that it has taken back from another process', async () => {
    const { kafka, make, unit, written } = setUp();
    const one = make();
    await one.open();
    await one.commit(unit(1));
    // Its second producer is being opened when the other process takes both over.
    let release = (): void => undefined;
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    kafka.script = (point, id) => (point === 'init' && id === 'b' ? held : undefined);
    await one.commit(unit(2));
    await settle();
    kafka.script = () => undefined;
    const other = make();
    await other.open();
    release();
    await settle();
    for (let n = 0; n < 3; n += 1) await expect(one.commit(unit(3))).rejects.toMatchObject({ fatal: true });
    expect(written()).toEqual(['1', '2']);
  });

  it('can be closed at any time, twice, and opened again', async () => {
    const { make, unit, written } = setUp();
    const committer = make();
    await committer.close();
    await committer.open();
    await committer.commit(unit(1));
    // The second producer is being opened.
    await committer.commit(unit(2));
    await committer.close();
    await committer.close();
    await committer.open();
    await committer.commit(unit(3));
    expect(written()).toEqual(['1', '2', '3']);
  });
});
