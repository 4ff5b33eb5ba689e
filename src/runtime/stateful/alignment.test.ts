import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunningStages, Stages, statefulNode } from '../../../test/support/stages.ts';
import { pipelineOf, streamNode, topicNode } from '../../../test/support/tasks.ts';
import type { JsonObject } from '../../record/json.ts';
import { join } from '../../steps/join.ts';
import { window } from '../../steps/window.ts';
import type { Pipeline } from '../../topology/types.ts';
import type { TaskEnvironment } from '../task.ts';
import type { AlignmentLimits } from './alignment.ts';

const BEGIN = Date.UTC(2023, 11, 30);
const DAY_MS = 86_400_000;
const TIME = { waitMs: 0, maxAheadMs: 3_600_000, idleTimeoutMs: 1e9, whenIdle: 'hold' as const };
const SMALL: AlignmentLimits = { aheadMs: 1_000, aheadRecords: 100 };

/** Joins records of the same number, by their Kafka keys or (through repartitions) by the field. */
function joining({ on = '$key', partitions = 1 }: { on?: string; partitions?: number } = {}): Pipeline {
  const step = statefulNode(join, { with: 'other', on, within: '1s', as: 'other' });
  return pipelineOf({
    topics: ['in', 'out', 'other'].map((name) => topicNode(name, { partitions })),
    streams: [streamNode({ steps: [step], time: TIME })],
  });
}

type Side = 'in' | 'other';

const valueAt = (n: number, time: number): JsonObject => ({ '@timestamp': BEGIN + time, k: `k${n}`, n });

function produce(stages: Stages, topic: Side, values: readonly JsonObject[], partition = 0): void {
  const texts = values.map((value) => JSON.stringify(value));
  for (const [i, text] of texts.entries())
    stages.kafka.produce({ topic, partition }, [text], { key: String((values[i] as JsonObject)['k']) });
}

/** Numbers from `from` on, a tenth of a second apart. */
const series = (from: number, count: number): JsonObject[] =>
  Array.from({ length: count }, (_, i) => valueAt(from + i, (from + i) * 100));

const entriesOf = ({ tasks }: RunningStages): number =>
  tasks.reduce((sum, { stats }) => sum + stats.steps.reduce((held, { entries }) => held + entries(), 0), 0);

const joined = (stages: Stages): number[] =>
  stages.values('out').map((value) => {
    expect((value['other'] as JsonObject)['n']).toBe(value['n']);
    return value['n'] as number;
  });

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

/** Starts it, and looks at what its state holds before each read. */
async function started(stages: Stages, more: Partial<TaskEnvironment> = {}): Promise<{ run: RunningStages; most: () => number }> {
  const run = await stages.start(more);
  let most = 0;
  stages.kafka.script = (point) => {
    if (point === 'read') most = Math.max(most, entriesOf(run));
    return undefined;
  };
  return { run, most: () => most };
}

describe('the sides of a join, one of which could be read far ahead', () => {
  it('are read side by side, so that what its state holds stays bounded', async () => {
    const stages = new Stages(joining());
    const limits = { aheadMs: 10_000, aheadRecords: 500 };
    const { run, most } = await started(stages, { alignment: limits });
    stages.kafka.readRecords = 100;
    const count = 5_000;
    // A day ahead of the other one's beginning at its end.
    const values = numbers(0, count).map((i) => valueAt(i, Math.floor((i * DAY_MS) / count)));
    for (const topic of ['in', 'other'] as const) produce(stages, topic, values);
    await stages.clock.advanceUntil(() => joinedCount(stages) === count, 600_000);
    expect(sorted(joined(stages))).toEqual(numbers(0, count));
    // So many ahead, what is under way when that is found, and a read of the other.
    expect(most()).toBeGreaterThan(limits.aheadRecords);
    expect(most()).toBeLessThanOrEqual(limits.aheadRecords + 3 * 100);
    await stages.end(run);
  });

  it('would else be read one after the other', async () => {
    const stages = new Stages(joining());
    const { run, most } = await started(stages, { alignment: { aheadMs: DAY_MS, aheadRecords: 1e9 } });
    for (const topic of ['in', 'other'] as const) produce(stages, topic, series(0, 5_000));
    stages.kafka.readRecords = 100;
    await stages.clock.advanceUntil(() => joinedCount(stages) === 5_000, 600_000);
    expect(most()).toBeGreaterThan(4_000);
    await stages.end(run);
  });

  it.each([
    ['by their Kafka keys', '$key'],
    ['brought together by a field', 'k'],
  ])('give what they have, whatever is slow, empty or has no time: %s', async (_name, on) => {
    const stages = new Stages(joining({ on }));
    stages.kafka.readRecords = 50;
    produce(stages, 'in', series(0, 1_000));
    const { run } = await started(stages, { alignment: SMALL });
    // The other topic is empty: it holds nobody back.
    await stages.clock.advance(20_000);
    expect(lagOf(run)).toBe(0);
    // It has records that no time can be read from, and then the right ones.
    const broken = Array.from({ length: 300 }, (_, i) => ({ '@timestamp': 'never', k: `k${i}`, n: i }));
    produce(stages, 'other', [...broken, ...series(0, 1_000)]);
    produce(stages, 'in', series(1_000, 1_000));
    await stages.clock.advanceUntil(() => joinedCount(stages) === 1_000, 600_000);
    produce(stages, 'other', series(1_000, 1_000));
    await stages.clock.advanceUntil(() => joinedCount(stages) === 2_000, 600_000);
    expect(sorted(joined(stages))).toEqual(numbers(0, 2_000));
    expect(stages.kafka.values('ns.logs.dead')).toHaveLength(broken.length);
    await stages.end(run);
  });

  it('are read to their ends by a bounded run', async () => {
    const stages = new Stages(joining());
    stages.kafka.readRecords = 50;
    produce(stages, 'in', series(0, 2_000));
    produce(stages, 'other', series(0, 300));
    const run = await stages.start({ alignment: SMALL, inputEnded: () => Promise.resolve() });
    await stages.clock.run(run.ended, 600_000);
    expect(sorted(joined(stages))).toEqual(numbers(0, 300));
    expect(stages.kafka.group('ns.logs.parse').committed.get('in/0')).toBe(2_000);
    for (const task of run.tasks) await stages.clock.run(task.close());
  });

  it('go on when partitions move while one is held back', async () => {
    const stages = new Stages(joining({ partitions: 2 }));
    stages.kafka.readRecords = 20;
    for (const partition of [0, 1])
      for (const topic of ['in', 'other'] as const) produce(stages, topic, series(partition * 1_000, 1_000), partition);
    const { run: first } = await started(stages, { alignment: SMALL });
    await stages.clock.advance(300);
    const { run: second } = await started(stages, { alignment: SMALL });
    await stages.clock.advance(500);
    await stages.end(first);
    await stages.clock.advanceUntil(() => joinedCount(stages) === 2_000, 600_000);
    expect(sorted(joined(stages))).toEqual(numbers(0, 2_000));
    await stages.end(second);
  });
});

const joinedCount = (stages: Stages): number => stages.kafka.committed('out').length;

const lagOf = ({ tasks }: RunningStages): number =>
  tasks
    .flatMap((task) => [...task.positions()])
    .filter(({ topic }) => topic === 'in')
    .reduce((lag, { offset }) => lag + Math.max(0, 1_000 - offset), 0);

interface Story {
  readonly limits: AlignmentLimits;
  readonly reads: number;
  readonly steps: readonly {
    readonly topic: Side;
    readonly count: number;
    readonly ms: number;
    readonly what: 'go on' | 'go on' | 'kill' | 'fail';
  }[];
}

const story: fc.Arbitrary<Story> = fc.record({
  limits: fc.record({ aheadMs: fc.integer({ min: 0, max: 3_000 }), aheadRecords: fc.integer({ min: 1, max: 40 }) }),
  reads: fc.integer({ min: 1, max: 30 }),
  steps: fc.array(
    fc.record({
      topic: fc.constantFrom<Side>('in', 'other'),
      count: fc.integer({ min: 1, max: 60 }),
      ms: fc.integer({ min: 0, max: 700 }),
      what: fc.constantFrom('go on', 'go on', 'kill', 'fail'),
    }),
    { minLength: 2, maxLength: 10 },
  ),
});

describe('inputs that are held back', () => {
  it.each(['$key', 'k'])('give what they give side by side, whatever comes when, fails and is killed (on: %s)', async (on) => {
    await fc.assert(
      fc.asyncProperty(story, async ({ limits, reads, steps }) => {
        const stages = new Stages(joining({ on }));
        stages.kafka.readRecords = reads;
        const next = { in: 0, other: 0 };
        let run = await stages.start({ alignment: limits });
        for (const { topic, count, ms, what } of steps) {
          produce(stages, topic, series(next[topic], count));
          next[topic] += count;
          await stages.clock.advance(ms);
          if (what === 'fail') {
            let failed = false;
            stages.kafka.script = (point) => {
              if (point !== 'commitTransaction' || failed) return undefined;
              failed = true;
              return 'abortable';
            };
          } else if (what === 'kill') {
            run.process.kill();
            run = await stages.start({ alignment: limits });
          }
        }
        const common = Math.min(next.in, next.other);
        await stages.clock.advanceUntil(() => joinedCount(stages) >= common, 600_000);
        await stages.clock.advance(2_000);
        expect(sorted(joined(stages))).toEqual(numbers(0, common));
        await stages.end(run);
      }),
      { numRuns: 40 },
    );
  });

  it('are the topics of a window over several, too', async () => {
    const step = statefulNode(window, { tumbling: '10s', by: ['$key'], compute: { count: 'count()' } });
    const stages = new Stages(
      pipelineOf({
        topics: ['in', 'out', 'other'].map((name) => topicNode(name)),
        streams: [streamNode({ from: ['in', 'other'], steps: [step], time: TIME })],
      }),
    );
    stages.kafka.readRecords = 50;
    const { run, most } = await started(stages, { alignment: SMALL });
    for (const topic of ['in', 'other'] as const)
      produce(
        stages,
        topic,
        series(0, 5_000).map((value) => ({ ...value, k: 'one' })),
      );
    await stages.clock.advanceUntil(() => stages.values('out').length >= 49, 600_000);
    expect(stages.values('out').every(({ count }) => count === 200)).toBe(true);
    expect(most()).toBeLessThan(6);
    await stages.end(run);
  });
});
