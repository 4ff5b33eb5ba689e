import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, stepNode, streamNode } from '../../test/support/tasks.ts';
import { split } from '../steps/split.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { StreamTask } from './stream-task.ts';

/** A stream that splits, and rejects the parts of which `isGood` is false. */
async function setUp(isGood: (item: unknown) => boolean) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const steps = [
    { id: 'split-1', definition: split as never, options: split.options.parse({ field: 'items' }) },
    stepNode(({ value }) =>
      isGood(value['items']) ? undefined : { kind: 'rejected', code: 'PARSE_FAILED', message: 'no good item' },
    ),
  ];
  const node = streamNode({ steps });
  const env = environmentOf(kafka, clock, { pipeline: pipelineOf({ streams: [node] }) });
  const stats = new ComponentStats({ pipeline: 'logs', component: node.name, kind: 'stream' });
  const task = new StreamTask(node, env, stats);
  const queue = new DeadLetterQueue({ kafka, admin: kafka.admin(), names: env.names, pipeline: 'logs' });
  await task.prepare();
  const stop = new AbortController();
  const running = task.run(stop.signal);
  const close = async (): Promise<void> => {
    stop.abort(new Error('stop'));
    await clock.run(running);
    await clock.run(task.close());
  };
  return { clock, kafka, stats, queue, close };
}

describe('a stream that splits', () => {
  it('makes dead letters of single parts, whose replay brings back those parts alone', async () => {
    const bad = new Set<unknown>([1, 3]);
    const { clock, kafka, stats, queue, close } = await setUp((item) => !bad.has(item));
    kafka.produce({ topic: 'in', partition: 0 }, ['{"items":[0,1,2,3,4],"rest":"r"}']);
    await clock.advanceUntil(() => stats.commits === 1);
    expect(kafka.values('out')).toEqual([0, 2, 4].map((items) => JSON.stringify({ items, rest: 'r' })));
    const letters = await clock.run(queue.newest(10));
    expect(letters.map(({ part, origin }) => [part, origin])).toEqual([
      ['1', 'inc_in/in/0/0'],
      ['3', 'inc_in/in/0/0'],
    ]);
    expect(letters.map(({ value }) => value?.toString())).toEqual(
      Array.from({ length: 2 }, () => '{"items":[0,1,2,3,4],"rest":"r"}'),
    );
    bad.delete(1);
    expect([...(await clock.run(queue.replay(new Set(['parse'])))).handedBack]).toEqual([['parse', 2]]);
    await clock.advanceUntil(() => kafka.values('out').length > 3);
    expect(kafka.values('out').slice(3)).toEqual(['{"items":1,"rest":"r"}']);
    // What came back has no header of ours, and what failed again is the same part still.
    expect(kafka.committed('out').map(({ headers }) => headers.length)).toEqual([0, 0, 0, 0]);
    expect((await clock.run(queue.newest(10))).map(({ part, origin }) => [part, origin])).toEqual([['3', 'inc_in/in/0/0']]);
    bad.clear();
    await clock.run(queue.replay(new Set(['parse'])));
    await clock.advanceUntil(() => kafka.values('out').length > 4);
    expect(kafka.values('out').slice(4)).toEqual(['{"items":3,"rest":"r"}']);
    expect(await clock.run(queue.newest(10))).toEqual([]);
    await close();
  });

  it('counts input once and output by its parts', async () => {
    const { clock, kafka, stats, close } = await setUp(() => true);
    kafka.produce({ topic: 'in', partition: 0 }, ['{"items":[0,1]}', '{"items":[2]}']);
    await clock.advanceUntil(() => stats.commits === 1);
    await close();
    expect(stats).toMatchObject({ recordsIn: 2, recordsOut: 3, deadLetters: 0 });
  });
});
