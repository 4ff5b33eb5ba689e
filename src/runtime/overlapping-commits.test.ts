import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FakeFault, FakePoint } from '../../test/support/fake-faults.ts';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, RecordingLog, settingsOf, sourceNode } from '../../test/support/tasks.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Source } from '../sdk/source.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AlternatingCommitter } from './alternating-committer.ts';
import { TransactionalCommitter } from './committer.ts';
import { SourceTask } from './source-task.ts';

/** What happened, in order: `write a`, `commitTransaction b`. */
function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  kafka.createTopic('out');
  const calls: string[] = [];
  let fault: (point: FakePoint, id: string) => FakeFault | undefined | Promise<undefined> = () => undefined;
  kafka.script = (point, id) => {
    calls.push(`${point} ${id}`);
    return fault(point, id);
  };
  const of = (id: string): TransactionalCommitter => new TransactionalCommitter(() => kafka.producer({ transactionalId: id }));
  const committer = new AlternatingCommitter(of('a'), of('b'), { clock, log: new RecordingLog(), overlaps: true });
  const commit = (n: number): Promise<void> => {
    const outputs = new BatchBuilder(['out']);
    outputs.begin(0, 0, -1);
    outputs.value(String(n));
    return committer.commit({ outputs: outputs.batch(), offsets: [] });
  };
  /** Commits until both producers are in use: the next is the first one's. */
  const ready = async (): Promise<void> => {
    await committer.open();
    for (let n = 1; n <= 4; n += 1) {
      await commit(n);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    }
    calls.length = 0;
  };
  const script = (next: typeof fault): void => {
    fault = next;
  };
  return { clock, kafka, calls, committer, commit, ready, script, values: () => kafka.values('out') };
}

describe('commits of a source that overlap', () => {
  it('writes the next one while the one before ends, and ends it only after that', async () => {
    const { clock, calls, commit, ready, script, values } = setUp();
    await ready();
    script(async (point, id) => {
      if (point !== 'commitTransaction') return undefined;
      await clock.sleep(100);
      calls.push(`ended ${id}`);
      return undefined;
    });
    const fifth = commit(5);
    const sixth = commit(6);
    await clock.run(fifth);
    await clock.run(Promise.all([sixth, commit(7)]));
    const ends = calls.filter((call) => /commitTransaction|ended/.test(call));
    expect(ends).toEqual(['a', 'b', 'a'].flatMap((id) => [`commitTransaction ${id}`, `ended ${id}`]));
    expect(calls.indexOf('write b')).toBeGreaterThan(calls.indexOf('flush a'));
    expect(calls.indexOf('write b')).toBeLessThan(calls.indexOf('ended a'));
    expect(values()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('does not end what follows a commit that failed', async () => {
    for (const fault of ['abortable', 'fatal', 'done', 'undone'] as const) {
      const { clock, calls, committer, commit, ready, script, values } = setUp();
      await ready();
      script((point, id) => (point === 'commitTransaction' && id === 'a' ? fault : undefined));
      const results = await clock.run(Promise.allSettled([commit(5), commit(6)]));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(calls).toContain('write b');
      expect(calls).not.toContain('commitTransaction b');
      script(() => undefined);
      await clock.run(committer.recover());
      await clock.run(commit(7));
      expect(values(), fault).toEqual(['1', '2', '3', '4', ...(fault === 'done' ? ['5'] : []), '7']);
    }
  });

  it('lets a commit end whose successor could not be written', async () => {
    const { clock, committer, commit, ready, script, values } = setUp();
    await ready();
    script(async (point, id) => {
      if (point === 'commitTransaction' && id === 'a') await clock.sleep(100);
      if (point === 'write' && id === 'b') throw new Error('the writer broke');
      return undefined;
    });
    const results = await clock.run(Promise.allSettled([commit(5), commit(6)]));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    script(() => undefined);
    await clock.run(committer.recover());
    await clock.run(commit(7));
    expect(values()).toEqual(['1', '2', '3', '4', '5', '7']);
  });
});

const FULL = 4;
const LINES = 120;

/** Reads numbered lines from its position on, with so many emits under way at once. */
function reader(ahead: number): Source {
  return {
    run: async (emit, { positions, signal }) => {
      const emits: Promise<void>[] = [];
      for (let at = Number(positions.get('a') ?? 0); at < LINES && !signal.aborted; at += 1) {
        const builder = new BatchBuilder();
        builder.begin(0, -1, -1);
        builder.value(String(at));
        emits.push(emit(builder.batch(), { positions: { a: at + 1 } }));
        if (emits.length >= ahead) await emits.shift();
      }
      await Promise.all(emits);
    },
    close: () => Promise.resolve(),
  };
}

const points = fc.constantFrom<FakePoint>('begin', 'write', 'flush', 'commitTransaction', 'init');
const faults = fc.constantFrom<FakeFault>('abortable', 'fatal', 'done', 'undone');
const failures = fc.array(fc.record({ point: points, nth: fc.integer({ min: 1, max: 12 }), fault: faults }), { maxLength: 6 });

describe('a source whose micro-batches are full', () => {
  it('writes every line once and in order, whatever fails, over lives of its task', async () => {
    let overlapped = 0;
    await fc.assert(
      fc.asyncProperty(failures, fc.integer({ min: 1, max: 24 }), fc.array(fc.nat(40)), async (planned, ahead, delays) => {
        const clock = new VirtualClock();
        const kafka = new FakeKafka(clock);
        const node = sourceNode(() => reader(ahead));
        const settings = { ...settingsOf(), commit: { intervalMs: 100, maxRecords: FULL, maxBytes: 1_000_000 } };
        const env = environmentOf(kafka, clock, { pipeline: pipelineOf({ sources: [node] }), settings });
        const counts = new Map<FakePoint, number>();
        let ending = 0;
        let calls = 0;
        kafka.script = async (point) => {
          const count = (counts.get(point) ?? 0) + 1;
          counts.set(point, count);
          calls += 1;
          if (point === 'commitTransaction') ending += 1;
          if (point === 'write' && ending > 0) overlapped += 1;
          await clock.sleep(delays[calls % delays.length] ?? 0);
          if (point === 'commitTransaction') ending -= 1;
          return planned.find((one) => one.point === point && one.nth === count)?.fault;
        };
        for (let life = 0, done = false; !done && life < 20; life += 1) {
          const stats = new ComponentStats({ pipeline: 'logs', component: 'web', kind: 'source' });
          const task = new SourceTask(node, env, stats);
          const run = (async () => {
            await task.prepare();
            await task.run(new AbortController().signal);
          })();
          done = await clock.run(run).then(
            () => true,
            () => false,
          );
          await clock.run(task.close());
        }
        expect(kafka.values('in')).toEqual(Array.from({ length: LINES }, (_, i) => String(i)));
      }),
      { numRuns: 60 },
    );
    expect(overlapped).toBeGreaterThan(100);
  });
});
