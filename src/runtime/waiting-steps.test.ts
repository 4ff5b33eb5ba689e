import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunningStages, Stages, statefulNode, waitingNode } from '../../test/support/stages.ts';
import { pipelineOf, streamNode, topicNode } from '../../test/support/tasks.ts';
import { defineProcessor } from '../sdk/processor.ts';
import type { StepDefinition, StepOutcome } from '../sdk/step.ts';
import { window } from '../steps/window.ts';
import type { MemoryConsumer } from '../testing/memory-kafka/memory-consumer.ts';
import type { StepNode } from '../topology/types.ts';

/** A server that is away until it is told to answer. */
class Server {
  readonly #waiting = new Set<() => void>();
  asked = 0;
  isAway = true;

  readonly step = (id = 'ask'): StepNode => waitingNode((_record, signal) => this.#answer(signal), id);

  answer(): void {
    this.isAway = false;
    for (const settle of this.#waiting) settle();
  }

  #answer(signal: AbortSignal): Promise<StepOutcome | undefined> {
    this.asked += 1;
    if (!this.isAway) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const settle = (): void => resolve(undefined);
      this.#waiting.add(settle);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(settle);
        reject(signal.reason as Error);
      });
    });
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}

const counting = statefulNode(window, { tumbling: '10s', by: ['$key'], compute: { n: 'count()' } }, { id: 'w' });

const stagesWith = (steps: readonly StepNode[], partitions = 2): Stages =>
  new Stages(pipelineOf({ topics: [topicNode('in', { partitions }), topicNode('out')], streams: [streamNode({ steps })] }));

const timeOf = (second: number): string => new Date(Date.UTC(2024, 0, 1) + second * 1_000).toISOString();

/** As SIGTERM does; fails where it takes more than a second. */
async function stopsInASecond(stages: Stages, { stop, ended, tasks }: RunningStages): Promise<void> {
  stop.abort(new Error('stop'));
  await stages.clock.run(ended, 1_000);
  for (const task of tasks) await stages.clock.run(task.close());
}

describe('a step that waits for a server that is away', () => {
  const places: [string, (server: Server) => StepNode[]][] = [
    ['alone', (server) => [server.step()]],
    ['before a step with state', (server) => [server.step(), counting]],
    ['behind one', (server) => [counting, server.step()]],
  ];

  it.each(places)('is given up when the task is to end, and nothing is committed of it: %s', async (_place, steps) => {
    const server = new Server();
    const stages = stagesWith(steps(server));
    stages.produce({ n: 1, '@timestamp': timeOf(1) });
    stages.produce({ n: 2, '@timestamp': timeOf(30) });
    const first = await stages.start();
    await stages.clock.advanceUntil(() => server.waiting > 0);
    await stages.clock.advance(5_000);
    await stopsInASecond(stages, first);
    expect(server.waiting).toBe(0);
    expect(stages.values('out')).toEqual([]);
    expect(stages.kafka.group('ns.logs.parse').committed.get('in/0') ?? 0).toBe(0);
    server.answer();
    const second = await stages.start();
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    await stages.end(second);
  });

  it.each(places)('does not keep the task from being polled, and what it has read stays as it was: %s', async (_place, steps) => {
    const server = new Server();
    const stages = stagesWith(steps(server));
    stages.produce({ n: 1, '@timestamp': timeOf(1) });
    stages.produce({ n: 2, '@timestamp': timeOf(2) });
    stages.produce({ n: 3, '@timestamp': timeOf(30) });
    const running = await stages.start();
    await stages.clock.advanceUntil(() => server.waiting > 0);
    const consumer = [...stages.kafka.consumers].find(({ joined }) => joined) as MemoryConsumer;
    const before = consumer.reads;
    for (let n = 4; n < 10; n += 1) stages.produce({ n, '@timestamp': timeOf(30) });
    await stages.clock.advance(60_000);
    expect(consumer.reads - before).toBeGreaterThanOrEqual(60);
    server.answer();
    const wanted = steps(server).length > 1 ? 1 : 9;
    await stages.clock.advanceUntil(() => stages.values('out').length >= wanted);
    await stages.clock.advance(5_000);
    expect(stages.values('out')).toHaveLength(wanted);
    if (wanted === 1) expect(stages.values('out')[0]).toMatchObject({ n: 2 });
    await stages.end(running);
  });

  it.each(places)('does not keep partitions from another member of the group: %s', async (_place, steps) => {
    const server = new Server();
    const stages = stagesWith(steps(server));
    for (const partition of [0, 1]) for (const second of [1, 30]) stages.produce({ '@timestamp': timeOf(second) }, { partition });
    const first = await stages.start();
    await stages.clock.advanceUntil(() => server.waiting > 0);
    const second = await stages.start();
    const group = stages.kafka.group('ns.logs.parse');
    await stages.clock.advanceUntil(
      () => [...stages.kafka.consumers].every((one) => !one.joined || one.assigned().some(({ topic }) => topic === 'in')),
      5_000,
    );
    server.answer();
    await stages.clock.advanceUntil(() => group.committed.get('in/0') === 2 && group.committed.get('in/1') === 2);
    expect(stages.values('out')).toHaveLength(steps(server).length > 1 ? 2 : 4);
    await stages.end(first);
    await stages.end(second);
  });
});

describe('a processor that does not come to its end', () => {
  it('is given up when the task is to end, and what it was given comes again', async () => {
    let hangs = true;
    const hanging = defineProcessor({
      kind: 'hang',
      summary: 'Waits for something that does not come.',
      options: z.strictObject({}),
      setup: () => ({ process: (records) => (hangs ? NEVER : records) }),
    });
    const node: StepNode = { id: 'hang', definition: hanging as StepDefinition, options: {} };
    const stages = stagesWith([node]);
    stages.produce({ n: 1, '@timestamp': timeOf(1) });
    const first = await stages.start();
    await stages.clock.advance(5_000);
    await stopsInASecond(stages, first);
    expect(stages.values('out')).toEqual([]);
    hangs = false;
    const second = await stages.start();
    await stages.clock.advanceUntil(() => stages.values('out').length === 1);
    await stages.end(second);
  });
});
