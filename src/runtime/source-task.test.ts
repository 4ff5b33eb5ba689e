import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, RecordingLog, settingsOf, sourceNode, stepNode } from '../../test/support/tasks.ts';
import { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Emit, Source, SourceContext } from '../sdk/source.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { SourceNode } from '../topology/types.ts';
import { SourceTask } from './source-task.ts';

function batchOf(values: readonly string[]): RecordBatch {
  const builder = new BatchBuilder();
  for (const value of values) {
    builder.begin(0, -1, -1);
    builder.value(value);
  }
  return builder.batch();
}

const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `{"n":${from + i}}`);

type Run = (emit: Emit, context: SourceContext) => Promise<void>;

function setUp(run: Run, more: Partial<SourceNode> = {}) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const log = new RecordingLog();
  const counts = { closed: 0 };
  const source: Source = {
    run,
    close: async () => {
      counts.closed += 1;
    },
  };
  const node = sourceNode(() => source, more);
  const env = environmentOf(kafka, clock, { pipeline: pipelineOf({ sources: [node] }), log });
  const taskOf = (random = 0.5): SourceTask =>
    new SourceTask(
      node,
      { ...env, random: () => random },
      new ComponentStats({ pipeline: 'logs', component: 'web', kind: 'source' }),
    );
  const task = taskOf();
  return { clock, kafka, log, counts, task, taskOf, stop: new AbortController() };
}

/** Emits `count` numbered records from its position on, `size` at a time, awaiting each emit. */
const counting =
  (count: number, size: number): Run =>
  async (emit, { positions, signal }) => {
    for (let at = Number(positions.get('a') ?? 0); at < count && !signal.aborted; at += size) {
      await emit(batchOf(numbered(at, size)), { positions: { a: at + size } });
    }
  };

async function started(one: { task: SourceTask; stop: AbortController }): Promise<{ running: Promise<void> }> {
  await one.task.prepare();
  const running = one.task.run(one.stop.signal);
  running.catch(() => undefined);
  return { running };
}

describe('SourceTask', () => {
  it('commits a full micro-batch at once, and others at the commit interval', async () => {
    const { maxRecords, intervalMs } = settingsOf().commit;
    const committedAt: number[] = [];
    const world = setUp(async (emit, { clock }) => {
      const emitted = async (count: number): Promise<void> => {
        await emit(batchOf(numbered(0, count)));
        committedAt.push(clock.monotonic());
      };
      await emitted(1);
      const begin = clock.monotonic();
      // Taken up while nothing is there to commit: it must not sleep out the interval when a full one comes.
      const small = emitted(1);
      await clock.sleep(1);
      await Promise.all([small, emitted(maxRecords)]);
      expect(clock.monotonic() - begin).toBeLessThan(intervalMs / 2);
      await emitted(1);
    });
    const { running } = await started(world);
    await world.clock.run(running);
    await world.clock.run(world.task.close());
    const [, , full = 0, last = 0] = committedAt;
    expect(last - full).toBeGreaterThanOrEqual(intervalMs - 1);
  });

  it('writes records and positions in one transaction, and acknowledges after it', async () => {
    const world = setUp(counting(30, 10));
    const { running } = await started(world);
    await world.clock.run(running);
    await world.clock.run(world.task.close());
    expect(world.kafka.values('in')).toEqual(numbered(0, 30));
    expect(world.kafka.values('ns.positions').at(-1)).toBe('30');
    expect(world.task.stats).toMatchObject({ recordsIn: 30, recordsOut: 30 });
    expect(world.counts.closed).toBe(1);
  });

  it('begins where it stood, and forgets an input whose position is null', async () => {
    const seen: unknown[] = [];
    const world = setUp(async (emit, { positions }) => {
      seen.push(Object.fromEntries(positions));
      if (positions.size === 0) await emit(batchOf(['{}']), { positions: { a: 5, b: { line: 2 } } });
      else await emit(RecordBatch.empty, { positions: { a: null } });
    });
    for (let life = 0; life < 3; life += 1) {
      const task = world.taskOf();
      await world.clock.run(task.prepare());
      await world.clock.run(task.run(world.stop.signal));
      await world.clock.run(task.close());
    }
    expect(seen).toEqual([{}, { a: 5, b: { line: 2 } }, { b: { line: 2 } }]);
    expect(world.kafka.values('in')).toEqual(['{}']);
  });

  it('loses nothing and writes nothing twice when a commit fails, over lives of the task', async () => {
    for (const point of ['begin', 'write', 'commitTransaction'] as const) {
      for (const fault of ['abortable', 'fatal', 'done', 'undone'] as const) {
        const world = setUp(counting(40, 10));
        let calls = 0;
        world.kafka.script = (at) => {
          if (at !== point) return undefined;
          calls += 1;
          return calls === 2 ? fault : undefined;
        };
        const { running } = await started(world);
        await expect(world.clock.run(running)).rejects.toThrow('scripted');
        await world.clock.run(world.task.close());
        const next = world.taskOf();
        await world.clock.run(next.prepare());
        await world.clock.run(next.run(world.stop.signal));
        expect(world.kafka.values('in'), `${point} ${fault}`).toEqual(numbered(0, 40));
      }
    }
  });

  it('ends, and can be closed, when a commit fails while another micro-batch waits and emits are not awaited', async () => {
    const world = setUp(async (emit, { signal }) => {
      for (let i = 0; i < 5; i += 1) {
        emit(batchOf(numbered(i, 1)), { positions: { a: i } }).catch(() => undefined);
        await world.clock.sleep(120);
      }
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
    });
    let commits = 0;
    world.kafka.script = async (point) => {
      if (point !== 'commitTransaction') return undefined;
      commits += 1;
      await world.clock.sleep(400);
      return commits === 2 ? 'abortable' : undefined;
    };
    const { running } = await started(world);
    await expect(world.clock.run(running)).rejects.toThrow('scripted: abort');
    world.kafka.script = () => undefined;
    await world.clock.run(world.task.close());
  });

  it('does not end the process when nobody looks at a failed emit', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    const world = setUp(async (emit) => {
      void emit(batchOf(numbered(0, 1)));
      await world.clock.sleep(5_000);
    });
    world.kafka.script = (point) => (point === 'commitTransaction' ? 'fatal' : undefined);
    const { running } = await started(world);
    await expect(world.clock.run(running)).rejects.toThrow('scripted');
    await world.clock.settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('rejects like any other when the source throws at once', async () => {
    const world = setUp(() => {
      throw new Error('at once');
    });
    const { running } = await started(world);
    await expect(world.clock.run(running)).rejects.toThrow('at once');
    await world.clock.run(world.task.close());
  });

  it('commits nothing of an emit that a step ended half-way', async () => {
    const failing = stepNode(
      (record) => (record.value['n'] === 3 ? { kind: 'rejected', code: 'STEP_THREW', message: 'odd' } : undefined),
      {
        onError: 'fail',
      },
    );
    const world = setUp(
      async (emit) => {
        emit(batchOf(numbered(0, 1)), { positions: { a: 1 } }).catch(() => undefined);
        await emit(batchOf(numbered(1, 5)), { positions: { a: 6 } });
      },
      { steps: [failing] },
    );
    const { running } = await started(world);
    await expect(world.clock.run(running)).rejects.toMatchObject({ code: 'RECORD_FAILED' });
    expect(world.kafka.values('in')).toEqual([]);
    expect(world.kafka.values('ns.positions')).toEqual([]);
  });

  it('goes on after the broker has ended its transaction, with only the positions of records that were written', async () => {
    const world = setUp(async (emit, { positions }) => {
      const a = Number(positions.get('a') ?? 0);
      const b = Number(positions.get('b') ?? 0);
      const emits = [];
      if (a < 20) emits.push(emit(batchOf(numbered(a, 20 - a)), { positions: { a: 20 } }));
      await world.clock.sleep(150);
      if (b < 5) emits.push(emit(batchOf(numbered(100 + b, 5 - b)), { positions: { b: 5 } }));
      await Promise.all(emits);
    });
    let fenced = false;
    world.kafka.script = async (point) => {
      if (point !== 'commitTransaction' || fenced) return undefined;
      await world.clock.sleep(500);
      fenced = true;
      return 'fenced';
    };
    const { running } = await started(world);
    await world.clock.run(running);
    expect(world.kafka.values('in').sort()).toEqual([...numbered(0, 20), ...numbered(100, 5)].sort());
    expect(world.log.lines.join()).toContain('looking whether another process');
    await world.clock.run(world.task.close());
  });

  it('stops for good when another process runs the same source', async () => {
    const world = setUp(async (emit) => {
      for (let i = 0; i < 100; i += 1) {
        await emit(batchOf(numbered(i, 1)), { positions: { a: i + 1 } });
        await world.clock.sleep(300);
      }
    });
    const { running } = await started(world);
    await world.clock.advance(1_000);
    const other = world.taskOf(0.25);
    await world.clock.run(other.prepare());
    const rest = other.run(world.stop.signal);
    await expect(world.clock.run(running)).rejects.toMatchObject({ code: 'SOURCE_FENCED' });
    await world.clock.run(rest);
  });

  it('finishes and commits what it has emitted when it is told to stop', async () => {
    const world = setUp(async (emit, { signal }) => {
      const first = emit(batchOf(numbered(0, 3)), { positions: { a: 3 } });
      await world.clock.sleep(3_600_000, signal).catch(() => undefined);
      const second = emit(batchOf(numbered(3, 3)), { positions: { a: 6 } });
      await Promise.all([first, second]);
    });
    const { running } = await started(world);
    await world.clock.advance(1_000);
    world.stop.abort(new Error('stop'));
    await world.clock.run(running);
    expect(world.kafka.values('in')).toEqual(numbered(0, 6));
  });

  it('takes any number of small micro-batches, as long as a source bounds what it has in flight', async () => {
    const { maxRecords } = settingsOf().commit;
    const batches = 12;
    const world = setUp(async (emit) => {
      await Promise.all(Array.from({ length: batches }, (_, i) => emit(batchOf(numbered(i * maxRecords, maxRecords)))));
    });
    const { running } = await started(world);
    await world.clock.run(running);
    expect(world.kafka.values('in')).toHaveLength(batches * maxRecords);
  });

  it('refuses what is emitted without end and without waiting', async () => {
    const world = setUp(async (emit) => {
      const big = batchOf([`"${'x'.repeat(9_000_000)}"`]);
      const emits = Array.from({ length: 20 }, () => emit(big));
      await Promise.all(emits);
    });
    const { running } = await started(world);
    await expect(world.clock.run(running)).rejects.toThrow('emits without awaiting');
  });
});
