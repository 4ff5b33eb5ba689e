import { describe, expect, it } from 'vitest';
import { operatorNode, Stages, statefulNode, waitingNode } from '../../../test/support/stages.ts';
import { pipelineOf, stepNode, streamNode, topicNode } from '../../../test/support/tasks.ts';
import { decodeHeaders, encodeHeaders, headerText } from '../../record/headers.ts';
import type { JsonObject } from '../../record/json.ts';
import { ABSORBED } from '../../sdk/operator.ts';
import { deduplicate } from '../../steps/deduplicate.ts';
import { window } from '../../steps/window.ts';
import { Names } from '../../topology/names.ts';
import type { Pipeline, StepNode } from '../../topology/types.ts';
import { DeadLetterQueue } from '../dead-letter-queue.ts';
import type { FaultPoint } from '../fault-points.ts';

const BEGIN = Date.UTC(2023, 11, 31);
const TIME = { waitMs: 0, maxAheadMs: 3_600_000, idleTimeoutMs: 1e9, whenIdle: 'hold' as const };

const counting = (more: JsonObject = {}, node: Partial<StepNode> = {}): StepNode =>
  statefulNode(window, { tumbling: '10s', by: ['$key'], compute: { count: 'count()' }, ...more }, node);

function pipelineWith(steps: readonly StepNode[], partitions = 1): Pipeline {
  return pipelineOf({
    topics: ['in', 'out', 'other'].map((name) => topicNode(name, { partitions })),
    streams: [streamNode({ steps, time: TIME })],
  });
}

const at = (seconds: number, more: JsonObject = {}): JsonObject => ({ '@timestamp': BEGIN + seconds * 1_000, ...more });

const counts = (stages: Stages, topic = 'out'): unknown[] => stages.values(topic).map(({ pane, count }) => [pane, count]);

async function replay(stages: Stages): Promise<void> {
  const names = new Names('ns');
  const [component] = stages.pipeline.streams.map(({ name }) => name) as [string];
  const queue = new DeadLetterQueue({
    kafka: stages.kafka,
    admin: stages.kafka.admin(),
    names,
    pipeline: stages.pipeline.name,
    stateful: new Set([component]),
  });
  await stages.clock.run(queue.replay(new Set([component])));
}

describe('a stream with state', () => {
  it.each<FaultPoint>(['after_produce', 'after_send_offsets', 'after_commit'])(
    'goes on from what was committed when its process is killed at %s',
    async (point) => {
      const stages = new Stages(pipelineWith([counting()]));
      for (let i = 0; i < 3; i += 1) stages.produce(at(i));
      let killed = false;
      const first = await stages.start({
        pass: (passed) => {
          if (passed !== point || killed) return;
          killed = true;
          first.process.kill();
        },
      });
      await stages.clock.advanceUntil(() => killed);
      const second = await stages.start();
      await stages.clock.advance(20_000);
      stages.produce(at(4));
      stages.produce(at(10));
      await stages.clock.advanceUntil(() => stages.values('out').length > 0);
      expect(counts(stages)).toEqual([['on_time', 4]]);
      await stages.end(second);
    },
  );

  it('keeps what a commit held that seemed to fail and did not', async () => {
    const stages = new Stages(pipelineWith([counting()]));
    const run = await stages.start();
    await stages.clock.advance(1_000);
    let failed = false;
    stages.kafka.script = (point) => {
      if (point !== 'commitTransaction' || failed) return undefined;
      failed = true;
      return 'done';
    };
    stages.produce(at(0));
    await stages.clock.advanceUntil(() => failed);
    await stages.clock.advance(5_000);
    stages.produce(at(10));
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(counts(stages)).toEqual([['on_time', 1]]);
    await stages.end(run);
  });

  it('ends at once while its state is being restored', async () => {
    const stages = new Stages(pipelineWith([counting()]));
    const log = stages.kafka.log({ topic: 'ns.logs.parse.changelog', partition: 0 });
    // Somebody's transaction that stays open: nothing can be restored before it ends.
    const record = { key: Buffer.from('x'), value: Buffer.from('1'), headers: Buffer.alloc(0), timestamp: 0 };
    log.append(record, { state: 'open' });
    const run = await stages.start();
    await stages.clock.advance(3_000);
    run.stop.abort(new Error('stop'));
    await stages.clock.run(run.ended);
    await stages.clock.run(Promise.all(run.tasks.map((task) => task.close())), 5_000);
    expect(log.high).toBe(1);
  });

  it('refuses partitions for which there is no state, once there are more', async () => {
    const stages = new Stages(pipelineWith([counting()]));
    const run = await stages.start();
    await stages.clock.advance(1_000);
    await stages.kafka.admin().createPartitions('in', 2, 0);
    stages.kafka.group('ns.logs.parse').rotate();
    await expect(stages.clock.run(run.ended)).rejects.toMatchObject({ code: 'STATE_PARTITIONS' });
  });

  it('does not start where a topic that is taken for one partition has several', async () => {
    const one = pipelineWith([statefulNode(window, { tumbling: '10s', by: ['user'], compute: { count: 'count()' } })]);
    const stages = new Stages(one);
    await stages.kafka.admin().createPartitions('in', 2, 0);
    await expect(stages.start()).rejects.toMatchObject({ code: 'TOPIC_NOT_SINGLE' });
  });

  it('groups the records of one partition by anything, whatever their keys', async () => {
    const stages = new Stages(
      pipelineWith([statefulNode(window, { tumbling: '10s', by: ['user'], compute: { count: 'count()' } })]),
    );
    const run = await stages.start();
    for (const [i, key] of ['a', 'b', 'c'].entries()) stages.produce(at(i, { user: 'u' }), { key });
    stages.produce(at(10, { user: 'v' }));
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(counts(stages)).toEqual([['on_time', 3]]);
    expect(stages.kafka.values('ns.logs.dead')).toEqual([]);
    await stages.end(run);
  });

  it('stops where what a step emits in the middle of its work is to stop it', async () => {
    const emitting = operatorNode(({ emit }) => ({
      process: (record) => {
        emit({ value: { ...record.value }, key: 'a', time: BEGIN, headers: Buffer.alloc(0) });
        return ABSORBED;
      },
    }));
    const failing = stepNode(() => ({ kind: 'rejected', code: 'STEP_THREW', message: 'odd' }), { onError: 'fail' });
    const stages = new Stages(pipelineWith([emitting, failing]));
    const run = await stages.start();
    stages.produce(at(0));
    await expect(stages.clock.run(run.ended)).rejects.toMatchObject({ code: 'RECORD_FAILED' });
  });

  it('lets event time go on by records that are routed elsewhere', async () => {
    const routing = stepNode((record) => (record.value['to'] === true ? { kind: 'routed', topic: 'other' } : undefined), {
      topics: ['other'],
    });
    const stages = new Stages(pipelineWith([routing, counting()]));
    const run = await stages.start();
    stages.produce(at(0));
    stages.produce(at(10, { to: true }));
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(counts(stages)).toEqual([['on_time', 1]]);
    await stages.end(run);
  });
});

describe('a bounded run of a stream with state', () => {
  const once = { inputEnded: () => Promise.resolve() };

  it('emits what is open as early, and counts on from what it read', async () => {
    // The second window takes the early results of the first in: that is no state to keep.
    const summing = statefulNode(window, { tumbling: '1h', by: ['$key'], compute: { count: 'sum(count)' } }, { id: 'sums' });
    const stages = new Stages(pipelineWith([counting(), summing]));
    for (let i = 0; i < 3; i += 1) stages.produce(at(i));
    const first = await stages.start(once);
    await stages.clock.run(first.ended);
    await stages.end(first);
    expect(counts(stages)).toEqual([['early', 3]]);
    const second = await stages.start();
    stages.produce(at(4));
    stages.produce(at(10));
    stages.produce(at(3_600));
    await stages.clock.advanceUntil(() => stages.values('out').length > 1);
    expect(counts(stages).slice(1)).toEqual([['on_time', 5]]);
    await stages.end(second);
  });

  it('emits it although the commit of that fails at first', async () => {
    const stages = new Stages(pipelineWith([counting()]));
    for (let i = 0; i < 3; i += 1) stages.produce(at(i));
    const commits = ['', 'abortable'];
    stages.kafka.script = (point) =>
      point === 'sendOffsets' || point === 'write'
        ? undefined
        : point === 'commitTransaction' && commits.shift() === 'abortable'
          ? 'abortable'
          : undefined;
    const run = await stages.start(once);
    await stages.clock.run(run.ended);
    await stages.end(run);
    expect(commits).toEqual([]);
    expect(counts(stages)).toEqual([['early', 3]]);
  });

  it('emits it through steps that wait', async () => {
    const stages = new Stages(pipelineWith([counting(), waitingNode(() => Promise.resolve(undefined))]));
    stages.produce(at(0));
    const run = await stages.start(once);
    await stages.clock.run(run.ended);
    await stages.end(run);
    expect(counts(stages)).toEqual([['early', 1]]);
  });
});

describe('steps that wait behind steps with state', () => {
  it('forget what waits when its micro-batch is void', async () => {
    const stages = new Stages(pipelineWith([counting({ emit: 'every 1s' }), waitingNode(() => Promise.resolve(undefined))]));
    const run = await stages.start();
    stages.produce(at(0));
    let failures = 0;
    stages.kafka.script = async (point) => {
      if (point !== 'commitTransaction' || failures > 2) return undefined;
      failures += 1;
      // Long enough for results that are due by the clock to wait meanwhile.
      await stages.clock.sleep(1_700);
      return 'abortable';
    };
    await stages.clock.advanceUntil(() => failures > 2);
    await stages.clock.advance(10_000);
    stages.produce(at(10));
    await stages.clock.advance(5_000);
    const versions = stages.kafka
      .committed('out')
      .map(({ headers }) => `${headerText(headers, 'millrace.id')}/${headerText(headers, 'millrace.version')}`);
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions).size).toBe(versions.length);
    await stages.end(run);
  });

  it('give out results that are due by the clock although nothing arrives', async () => {
    const stages = new Stages(pipelineWith([counting({ emit: 'every 1s' }), waitingNode(() => Promise.resolve(undefined))]));
    const run = await stages.start();
    stages.produce(at(0));
    await stages.clock.advance(10_000);
    expect(counts(stages)).toEqual([['early', 1]]);
    await stages.end(run);
  });

  it('leave a tombstone behind what it makes void', async () => {
    const emitting = operatorNode(({ emit }) => ({
      process: (record) => {
        const made = { key: 'a', time: BEGIN, headers: Buffer.alloc(0) };
        emit({ ...made, value: { ...record.value } });
        emit({ ...made, value: null });
        return ABSORBED;
      },
    }));
    const stages = new Stages(pipelineWith([emitting, waitingNode(() => Promise.resolve(undefined))]));
    const run = await stages.start();
    stages.produce(at(0));
    await stages.clock.advanceUntil(() => stages.kafka.values('out').length > 1);
    expect(stages.kafka.values('out').map((text) => text === '(null)')).toEqual([false, true]);
    await stages.end(run);
  });
});

describe('dead letters of a stream with state', () => {
  const mended = { now: false };
  const flaky = stepNode(
    (record) => (mended.now ? undefined : { kind: 'rejected', code: 'STEP_THREW', message: String(record.value['n']) }),
    { id: 'flaky' },
  );
  const adding = stepNode(
    (record) => {
      record.value['n'] = Number(record.value['n'] ?? 0) + 1;
      return undefined;
    },
    { id: 'adding', changesValue: true },
  );

  it('hold a result as it was made, and go on behind the step that made it', async () => {
    mended.now = false;
    const pipeline = pipelineWith([counting(), adding, flaky]);
    const [stream] = pipeline.streams as [Pipeline['streams'][0]];
    // Results do not have the field that the stream's records have their time in.
    const stages = new Stages({ ...pipeline, streams: [{ ...stream, time: { ...TIME, timestamp: ['at'] } }] });
    const run = await stages.start();
    stages.produce({ at: BEGIN });
    stages.produce({ at: BEGIN + 10_000 });
    await stages.clock.advanceUntil(() => stages.values('ns.logs.dead').length > 0);
    expect(stages.values('ns.logs.dead')[0]).not.toHaveProperty('n');
    mended.now = true;
    await replay(stages);
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(stages.values('out')).toMatchObject([{ pane: 'on_time', count: 1, n: 1 }]);
    const [written] = stages.kafka.committed('out');
    expect(decodeHeaders(written?.headers ?? Buffer.alloc(0)).map(({ name }) => name)).not.toContain('millrace.resume');
    await stages.end(run);
  });

  it('do not go again through a step that has let them through', async () => {
    mended.now = false;
    const stages = new Stages(pipelineWith([statefulNode(deduplicate, { by: ['id'], within: '1h' }), adding, flaky]));
    const run = await stages.start();
    stages.produce(at(0, { id: 1 }));
    await stages.clock.advanceUntil(() => stages.values('ns.logs.dead').length > 0);
    mended.now = true;
    await replay(stages);
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(stages.values('out')).toEqual([at(0, { id: 1, n: 1 })]);
    await stages.end(run);
  });

  it('of the other side of a join come back to that side', async () => {
    const sides: string[] = [];
    const joining = operatorNode(
      () => ({
        process: (_record, { side }) => {
          sides.push(side);
          return side === 'joined' && sides.length === 1 ? { kind: 'rejected', code: 'STEP_THREW', message: 'odd' } : ABSORBED;
        },
      }),
      { joins: 'other' },
    );
    const stages = new Stages(pipelineWith([joining]));
    const run = await stages.start();
    stages.produce(at(0), { topic: 'other' });
    await stages.clock.advanceUntil(() => stages.values('ns.logs.dead').length > 0);
    await replay(stages);
    await stages.clock.advanceUntil(() => sides.length > 1);
    expect(sides).toEqual(['joined', 'joined']);
    await stages.end(run);
  });
});

describe('a stream that brings records together anew', () => {
  const byUser = (more: JsonObject = {}): StepNode =>
    statefulNode(window, { session: '5s', by: ['user'], compute: { count: 'count()' }, ...more });

  it('closes windows once every upstream partition has passed them, and not before', async () => {
    const stages = new Stages(pipelineWith([byUser()], 2));
    const run = await stages.start();
    stages.produce(at(0, { user: 'u' }), { partition: 0 });
    stages.produce(at(3, { user: 'u' }), { partition: 1 });
    stages.produce(at(60, { user: 'v' }), { partition: 0 });
    await stages.clock.advance(20_000);
    expect(stages.values('out')).toEqual([]);
    stages.produce(at(60, { user: 'v' }), { partition: 1 });
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    expect(counts(stages)).toEqual([['on_time', 2]]);
    await stages.end(run);
  });

  it('leaves void results behind: the stage behind has none of its own to take back', async () => {
    const emitting = operatorNode(({ emit }) => ({
      process: (record) => {
        const made = { key: 'a', time: BEGIN, headers: Buffer.alloc(0) };
        emit({ ...made, value: { ...record.value } });
        emit({ ...made, value: null });
        return ABSORBED;
      },
    }));
    const stages = new Stages(pipelineWith([emitting, byUser()], 2));
    const run = await stages.start();
    for (const partition of [0, 1]) stages.produce(at(0, { user: 'u' }), { partition });
    for (const partition of [0, 1]) stages.produce(at(60, { user: 'u' }), { partition });
    await stages.clock.advance(5_000);
    expect(stages.kafka.values('ns.logs.dead')).toEqual([]);
    await stages.end(run);
  });

  it('takes off what a replayed dead letter has beside its own headers', async () => {
    const stages = new Stages(pipelineWith([byUser()], 2));
    const run = await stages.start();
    const headers = encodeHeaders([
      { name: 'own', value: 'x' },
      { name: 'millrace.origin', value: 'inc_in/in/1/7' },
    ]);
    stages.kafka.produce({ topic: 'ns.logs.parse.retry', partition: 0 }, [JSON.stringify(at(0, { user: 'u' }))], { headers });
    const topic = 'ns.logs.parse.window.repartition';
    const records = (): string[][] =>
      stages.kafka
        .committed(topic)
        .flatMap(({ key, headers: packed }) => (key === null ? [] : [decodeHeaders(packed).map(({ name }) => name)]));
    await stages.clock.advanceUntil(() => records().length > 0);
    expect(records()).toEqual([['millrace.event', 'own']]);
    await stages.end(run);
  });
});
