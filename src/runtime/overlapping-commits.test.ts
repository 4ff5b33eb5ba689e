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
  const commit = (n: number, arrived?: () => void): Promise<void> => {
    const outputs = new BatchBuilder(['out']);
    outputs.begin(0, 0, -1);
    outputs.value(String(n));
    return committer.commit({ outputs: outputs.batch(), offsets: [], ...(arrived && { arrived }) });
  };
  /** Hands in another when Kafka has the one before, so that they do not share a transaction. */
  const commitInTurn = async (...numbers: readonly number[]): Promise<PromiseSettledResult<void>[]> => {
    const commits: Promise<void>[] = [];
    for (const n of numbers) {
      await new Promise<void>((resolve) => {
        const done = commit(n, resolve);
        // One that fails may never arrive.
        done.catch(resolve);
        commits.push(done);
      });
    }
    return Promise.allSettled(commits);
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
  return { clock, kafka, calls, committer, commit, commitInTurn, ready, script, values: () => kafka.values('out') };
}

describe('commits of a source that overlap', () => {
  it('writes the next one while the one before ends, and ends it only after that', async () => {
    const { clock, calls, commitInTurn, ready, script, values } = setUp();
    await ready();
    script(async (point, id) => {
      if (point !== 'commitTransaction') return undefined;
      await clock.sleep(100);
      calls.push(`ended ${id}`);
      return undefined;
    });
    await clock.run(commitInTurn(5, 6, 7));
    const ends = calls.filter((call) => /commitTransaction|ended/.test(call));
    expect(ends).toEqual(['a', 'b', 'a'].flatMap((id) => [`commitTransaction ${id}`, `ended ${id}`]));
    expect(calls.indexOf('write b')).toBeGreaterThan(calls.indexOf('flush a'));
    expect(calls.indexOf('write b')).toBeLessThan(calls.indexOf('ended a'));
    expect(values()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('does not end what follows a commit that failed', async () => {
    for (const fault of ['abortable', 'fatal', 'done', 'undone'] as const) {
      const { clock, calls, committer, commit, commitInTurn, ready, script, values } = setUp();
      await ready();
      script((point, id) => (point === 'commitTransaction' && id === 'a' ? fault : undefined));
      const results = await clock.run(commitInTurn(5, 6));
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
    const { clock, committer, commit, commitInTurn, ready, script, values } = setUp();
    await ready();
    script(async (point, id) => {
      if (point === 'commitTransaction' && id === 'a') await clock.sleep(100);
      if (point === 'write' && id === 'b') throw new Error('the writer broke');
      return undefined;
    });
    const results = await clock.run(commitInTurn(5, 6));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    script(() => undefined);
    await clock.run(committer.recover());
    await clock.run(commit(7));
    expect(values()).toEqual(['1', '2', '3', '4', '5', '7']);
  });
});

describe('commits of a source that follow each other without a pause', () => {
  it('share a transaction, whose units give their memory back before its end', async () => {
    const { clock, calls, commit, ready, values } = setUp();
    await ready();
    const seen: string[] = [];
    const commits = [5, 6, 7].map((n) =>
      commit(n, () => seen.push(`arrived ${n}`)).then(() => {
        seen.push(`durable ${n}`);
      }),
    );
    await clock.run(Promise.all(commits));
    expect(calls.filter((call) => /^(begin|commitTransaction)/.test(call))).toEqual(['begin a', 'commitTransaction a']);
    expect(seen).toEqual(['arrived 5', 'arrived 6', 'arrived 7', 'durable 5', 'durable 6', 'durable 7']);
    expect(values()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('begin another where one has been open for 500 ms', async () => {
    const { clock, calls, commit, ready, script, values } = setUp();
    await ready();
    script(async (point) => {
      if (point === 'flush') await clock.sleep(100);
      return undefined;
    });
    // Handed in 80 ms apart, so that one always waits when the one before has arrived.
    const commits: Promise<void>[] = [];
    for (let n = 5; n <= 15; n += 1) {
      commits.push(commit(n));
      await clock.advance(80);
    }
    await clock.run(Promise.all(commits));
    expect(calls.filter((call) => call.startsWith('begin'))).toEqual(['begin a', 'begin b']);
    expect(values()).toEqual(Array.from({ length: 15 }, (_, i) => String(i + 1)));
  });

  it('fail together, and so does what is handed in before the recovery', async () => {
    for (const failing of ['write', 'flush', 'commitTransaction'] as const) {
      const { clock, committer, commit, ready, script, values } = setUp();
      await ready();
      let nth = 0;
      script((point) => {
        if (point !== failing) return undefined;
        nth += 1;
        return failing === 'commitTransaction' || nth === 2 ? 'abortable' : undefined;
      });
      const results = await clock.run(Promise.allSettled([commit(5), commit(6), commit(7)]));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      script(() => undefined);
      await expect(clock.run(commit(8))).rejects.toMatchObject({ requiresAbort: true });
      await clock.run(committer.recover());
      await clock.run(commit(9));
      expect(values(), failing).toEqual(['1', '2', '3', '4', '9']);
    }
  });
});

const FULL = 8;
const LINES = 120;

/** Reads numbered lines from its position on, with so many emits under way at once; with very many it asks for room. */
function reader(ahead: number): Source {
  return {
    run: async (emit, { positions, room, signal }) => {
      const emits: Promise<void>[] = [];
      for (let at = Number(positions.get('a') ?? 0); at < LINES && !signal.aborted; at += 1) {
        const builder = new BatchBuilder();
        builder.begin(0, -1, -1);
        builder.value(String(at));
        emits.push(emit(builder.batch(), { positions: { a: at + 1 } }));
        if (ahead > LINES / 2) await room();
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
    let shared = 0;
    const begunTooEarly: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        failures,
        fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constant(LINES)),
        fc.array(fc.nat(160)),
        async (planned, ahead, delays) => {
          const clock = new VirtualClock();
          const kafka = new FakeKafka(clock);
          const node = sourceNode(() => reader(ahead));
          const settings = { ...settingsOf(), commit: { intervalMs: 100, maxRecords: FULL, maxBytes: 1_000_000 } };
          const env = environmentOf(kafka, clock, { pipeline: pipelineOf({ sources: [node] }), settings });
          const counts = new Map<FakePoint, number>();
          let ending = 0;
          let writes = 0;
          let calls = 0;
          const inCommit = new Set<string>();
          kafka.script = async (point, id) => {
            const count = (counts.get(point) ?? 0) + 1;
            counts.set(point, count);
            calls += 1;
            if (point === 'begin' && inCommit.has(id)) begunTooEarly.push(id);
            if (point === 'commitTransaction') inCommit.add(id);
            if (point === 'commitTransaction') ending += 1;
            if (point === 'write' && ending > 0) overlapped += 1;
            if (point === 'begin') writes = 0;
            if (point === 'write') writes += 1;
            if (point === 'write' && writes === 2) shared += 1;
            await clock.sleep(delays[calls % delays.length] ?? 0);
            if (point === 'commitTransaction') ending -= 1;
            if (point === 'commitTransaction') inCommit.delete(id);
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
        },
      ),
      { numRuns: 60 },
    );
    expect(overlapped).toBeGreaterThan(20);
    expect(shared).toBeGreaterThan(200);
    expect(begunTooEarly).toEqual([]);
  });
});
