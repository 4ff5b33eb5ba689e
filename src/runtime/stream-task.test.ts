import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, RecordingLog, stepNode, streamNode } from '../../test/support/tasks.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { StreamNode } from '../topology/types.ts';
import { StreamTask } from './stream-task.ts';

function setUp(node: StreamNode = streamNode(), options: { once?: boolean } = {}) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const log = new RecordingLog();
  const pipeline = pipelineOf({ streams: [node] });
  const env = environmentOf(kafka, clock, {
    pipeline,
    log,
    ...(options.once === true ? { inputEnded: () => Promise.resolve() } : {}),
  });
  const stats = new ComponentStats({ pipeline: 'logs', component: node.name, kind: 'stream' });
  const task = new StreamTask(node, env, stats);
  const stop = new AbortController();
  const group = kafka.group('ns.logs.parse');
  const start = async (): Promise<{ running: Promise<void> }> => {
    await task.prepare();
    const running = task.run(stop.signal);
    running.catch(() => undefined);
    return { running };
  };
  return { clock, kafka, log, env, stats, task, stop, group, start };
}

const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `{"n":${from + i}}`);

describe('StreamTask', () => {
  it('writes what it reads, commits outputs and offsets together, and ends when told to', async () => {
    const { clock, kafka, task, stop, group, stats, start } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 10));
    const { running } = await start();
    await clock.advanceUntil(() => kafka.values('out').length === 10);
    stop.abort(new Error('stop'));
    await clock.run(running);
    await clock.run(task.close());
    expect(kafka.values('out')).toEqual(numbered(0, 10));
    expect(group.committed.get('in/0')).toBe(10);
    expect(group.members).toEqual([]);
    expect(stats).toMatchObject({ recordsIn: 10, recordsOut: 10, commits: 1, state: 'running' });
    expect(clock.sleeping).toBe(0);
  });

  it('commits nothing when nothing has arrived', async () => {
    const { clock, kafka, stats, start } = setUp();
    await start();
    await clock.advance(60_000);
    expect(stats.commits).toBe(0);
    expect(kafka.log({ topic: 'out', partition: 0 }).high).toBe(0);
  });

  it('gathers what arrives while a commit is under way into the next micro-batch', async () => {
    const { clock, kafka, stats, start } = setUp();
    let release = (): void => {};
    kafka.script = (point) =>
      point === 'commitTransaction' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 1));
    await start();
    await clock.advance(1_000);
    for (let i = 1; i <= 5; i += 1) {
      kafka.produce({ topic: 'in', partition: 0 }, numbered(i, 1));
      await clock.advance(100);
    }
    expect(stats.commits).toBe(0);
    kafka.script = () => undefined;
    release();
    await clock.advanceUntil(() => kafka.values('out').length === 6);
    expect(stats.commits).toBe(2);
  });

  it.each(['begin', 'write', 'sendOffsets', 'commitTransaction'] as const)(
    'writes every record once after any failure of %s',
    async (point) => {
      for (const fault of ['abortable', 'fatal', 'undone', 'done'] as const) {
        const { clock, kafka, group, stats, start, stop } = setUp();
        let failures = 2;
        kafka.script = (at) => {
          if (at !== point || failures === 0) return undefined;
          failures -= 1;
          return fault;
        };
        kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 20));
        const { running } = await start();
        await clock.advanceUntil(() => kafka.values('out').length >= 20 && group.committed.get('in/0') === 20);
        await clock.advance(5_000);
        expect(kafka.values('out'), `${point} ${fault}`).toEqual(numbered(0, 20));
        expect(stats.state).toBe('running');
        stop.abort(new Error('stop'));
        await clock.run(running);
      }
    },
  );

  it('begins anew where the abort fails too', async () => {
    const { clock, kafka, start } = setUp();
    const faults = new Map([
      ['commitTransaction', 'abortable'],
      ['abortTransaction', 'undone'],
    ] as const);
    kafka.script = (point) => {
      const fault = faults.get(point as 'commitTransaction');
      faults.delete(point as 'commitTransaction');
      return fault;
    };
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 3));
    await start();
    await clock.advanceUntil(() => kafka.values('out').length === 3);
    // Two, and the same two anew; the second of both is closed until there is more to do.
    expect(kafka.producers.size).toBe(4);
    expect([...kafka.producers].filter(({ closed }) => !closed)).toHaveLength(1);
  });

  it('gives partitions up only when what it has taken has been committed', async () => {
    const { clock, kafka, group, start } = setUp();
    let release = (): void => {};
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 3));
    await start();
    kafka.script = (point) =>
      point === 'commitTransaction' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
    await clock.advance(1_000);
    const joined: string[] = [];
    group.join({
      id: 999,
      topics: ['in'],
      deliver: (event) => joined.push(...event.partitions.map((one) => `${event.kind} ${one.topic}`)),
    });
    group.rotate();
    await clock.advance(10_000);
    expect(joined).not.toContain('assign in');
    kafka.script = () => undefined;
    release();
    await clock.advanceUntil(() => joined.includes('assign in'));
    expect(kafka.values('out')).toEqual(numbered(0, 3));
    expect(group.committed.get('in/0')).toBe(3);
  });

  it('commits nothing more of partitions that it has lost', async () => {
    const { clock, kafka, group, start, log } = setUp();
    kafka.readRecords = 25_000;
    let release = (): void => {};
    kafka.script = (point) =>
      point === 'commitTransaction' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    await start();
    await clock.advance(500);
    // A micro-batch that is full waits for the commit before it, and then the session ends.
    const full = numbered(2, 50_000);
    kafka.produce({ topic: 'in', partition: 0 }, full);
    await clock.advance(500);
    for (const consumer of kafka.consumers) consumer.expel();
    group.join({ id: 999, topics: ['in'], deliver: () => undefined });
    kafka.script = () => undefined;
    release();
    await clock.advance(5_000);
    expect(group.committed.get('in/0')).toBe(2);
    expect(kafka.values('out')).toEqual(numbered(0, 2));
    expect(log.lines.join()).toContain('given its partitions away');
  });

  it('leaves no transaction open when its last commit fails', async () => {
    const { clock, kafka, task, start, stop } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 3));
    kafka.script = (point) => {
      if (point !== 'sendOffsets') return undefined;
      stop.abort(new Error('stop'));
      return 'abortable';
    };
    const { running } = await start();
    await clock.run(running);
    await clock.run(task.close());
    const out = kafka.log({ topic: 'out', partition: 0 });
    expect(out.stable).toBe(out.high);
    expect(kafka.values('out')).toEqual([]);
  });

  it('keeps a record that a step cannot process, with its reason, and one that is routed', async () => {
    const rejecting = stepNode(
      (record) => {
        if (record.value['n'] === 1) return { kind: 'rejected', code: 'STEP_THREW', message: 'odd' };
        return record.value['n'] === 2
          ? { kind: 'routed', topic: 'out' }
          : record.value['n'] === 3
            ? { kind: 'dropped' }
            : undefined;
      },
      { topics: ['out'] },
    );
    const { clock, kafka, stats, start } = setUp(streamNode({ steps: [rejecting] }));
    kafka.produce({ topic: 'in', partition: 0 }, [...numbered(0, 4), 'no json']);
    await start();
    await clock.advanceUntil(() => stats.commits === 1);
    expect(kafka.values('out')).toEqual(['{"n":0}', '{"n":2}']);
    expect(kafka.values('ns.logs.dead')).toEqual(['{"n":1}', 'no json']);
    expect(stats).toMatchObject({ recordsIn: 5, recordsOut: 2, deadLetters: 2, dropped: 1 });
  });

  it('stops with the record named where the step is to fail, having committed what came before', async () => {
    const failing = stepNode(
      (record) => (record.value['n'] === 5 ? { kind: 'rejected', code: 'STEP_THREW', message: 'odd' } : undefined),
      {
        onError: 'fail',
      },
    );
    const { clock, kafka, start } = setUp(streamNode({ steps: [failing] }));
    kafka.readRecords = 2;
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 10));
    const { running } = await start();
    await expect(clock.run(running)).rejects.toMatchObject({ code: 'RECORD_FAILED', parameters: { offset: 5 } });
  });

  it('ends by itself when its input has ended and every record has been committed', async () => {
    const { clock, kafka, task, start } = setUp(streamNode(), { once: true });
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 30));
    const { running } = await start();
    await clock.run(running);
    expect(kafka.values('out')).toEqual(numbered(0, 30));
    await clock.run(task.close());
  });

  it('does not take the end it saw before a rewind for the end of what it reads again', async () => {
    const { clock, kafka, start } = setUp(streamNode(), { once: true });
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 5));
    let failed = false;
    let slow = 0;
    kafka.script = async (point) => {
      if (point === 'commitTransaction' && !failed) {
        failed = true;
        return 'abortable';
      }
      // After the rewind the broker takes its time: the reads come back empty.
      if (point === 'seek' && failed) slow = 3;
      if (point === 'read' && slow > 0) {
        slow -= 1;
        kafka.readRecords = 0;
      } else {
        kafka.readRecords = Number.POSITIVE_INFINITY;
      }
      return undefined;
    };
    const { running } = await start();
    await clock.run(running);
    expect(kafka.values('out')).toEqual(numbered(0, 5));
  });

  it('closes before it was opened, twice, and behind a consumer that cannot be closed', async () => {
    const { clock, task } = setUp();
    await clock.run(task.close());
    await clock.run(task.close());
    const second = setUp();
    const { running } = await second.start();
    await second.clock.advance(500);
    second.stop.abort(new Error('stop'));
    await second.clock.run(running);
    second.kafka.script = (point) => (point === 'close' ? 'undone' : undefined);
    await expect(second.clock.run(second.task.close())).rejects.toThrow('close');
    expect([...second.kafka.producers].every(({ closed }) => closed)).toBe(true);
  });
});
