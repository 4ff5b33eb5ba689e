import { bufferCount, concatMap, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, stepNode, streamNode } from '../../test/support/tasks.ts';
import type { JsonObject } from '../record/json.ts';
import { defineProcessor, type ProcessorOperator } from '../sdk/processor.ts';
import type { ProcessorRecord } from '../sdk/processor-record.ts';
import type { StepDefinition } from '../sdk/step.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { StepNode } from '../topology/types.ts';
import { StreamTask } from './stream-task.ts';

function processor(operator: ProcessorOperator, more: Partial<StepNode> = {}): StepNode {
  const definition = defineProcessor({
    kind: 'test',
    summary: 'A processor of a test.',
    options: z.unknown(),
    continuous: { hold: '60s' },
    setup: () => operator,
  });
  return { id: 'test-1', definition: definition as StepDefinition, options: {}, ...more };
}

/** Each five of them in one, and the rest at the end. */
const fives: ProcessorOperator = (records) =>
  records.pipe(
    bufferCount(5),
    map((five) => (five.at(-1) as ProcessorRecord).with({ value: { of: five.map(({ value }) => value['n'] ?? null) } })),
  );

class Setting {
  readonly clock = new VirtualClock(1_000_000);
  readonly kafka = new FakeKafka(this.clock);
  readonly group = this.kafka.group('ns.logs.parse');
  readonly #steps: readonly StepNode[];

  constructor(...steps: readonly StepNode[]) {
    this.#steps = steps;
  }

  start({ once = false } = {}): { stop: () => Promise<void>; running: Promise<void>; stats: ComponentStats } {
    const node = streamNode({ steps: this.#steps, delivery: 'at_least_once' });
    const pipeline = pipelineOf({ streams: [node] });
    const { clock, kafka } = this;
    const env = environmentOf(kafka, clock, { pipeline, ...(once ? { inputEnded: () => Promise.resolve() } : {}) });
    const stats = new ComponentStats({ pipeline: 'logs', component: 'parse', kind: 'stream' });
    const task = new StreamTask(node, env, stats);
    const stop = new AbortController();
    const running = task.prepare().then(() => task.run(stop.signal));
    running.catch(() => undefined);
    const end = async (): Promise<void> => {
      stop.abort(new Error('stop'));
      await clock.run(running);
      await clock.run(task.close());
    };
    return { stats, running, stop: end };
  }

  produce(from: number, count: number): void {
    const values = Array.from({ length: count }, (_, i) => `{"n":${from + i}}`);
    this.kafka.produce({ topic: 'in', partition: 0 }, values, { key: 'k' });
  }

  get out(): JsonObject[] {
    return this.kafka.values('out').map((text) => JSON.parse(text) as JsonObject);
  }
}

describe('a continuous processor in a stream', () => {
  it('works across micro-batches, and flushes what it keeps when the task ends', async () => {
    const setting = new Setting(processor(fives));
    const task = setting.start();
    for (let i = 0; i < 7; i += 1) {
      setting.produce(i, 1);
      await setting.clock.advance(300);
    }
    expect(setting.out).toEqual([{ of: [0, 1, 2, 3, 4] }]);
    await task.stop();
    expect(setting.out).toEqual([{ of: [0, 1, 2, 3, 4] }, { of: [5, 6] }]);
    expect(setting.group.committed.get('in/0')).toBe(7);
  });

  it('commits an offset once it is older than hold, with what had come of it', async () => {
    const setting = new Setting(processor(fives));
    const task = setting.start();
    setting.produce(0, 3);
    await setting.clock.advance(30_000);
    setting.produce(3, 3);
    await setting.clock.advanceUntil(() => setting.out.length === 1);
    expect(setting.group.committed.get('in/0')).toBeUndefined();
    await setting.clock.advance(31_000);
    expect(setting.group.committed.get('in/0')).toBe(3);
    await setting.clock.advance(31_000);
    expect(setting.group.committed.get('in/0')).toBe(6);
    await task.stop();
  });

  it('loses nothing where a commit fails: what is not committed is read again', async () => {
    for (const fault of ['abortable', 'undone', 'done'] as const) {
      const setting = new Setting(processor((records) => records));
      let failures = 2;
      setting.kafka.script = (at) => {
        if (at !== 'commit' || failures === 0) return undefined;
        failures -= 1;
        return fault;
      };
      const task = setting.start();
      for (let i = 0; i < 4; i += 1) {
        setting.produce(i, 1);
        await setting.clock.advance(20_000);
      }
      await setting.clock.advance(70_000);
      await task.stop();
      expect(task.stats.retries, fault).toBe(2);
      expect([...new Set(setting.out.map(({ n }) => n))], fault).toEqual([0, 1, 2, 3]);
      expect(setting.group.committed.get('in/0')).toBe(4);
    }
  });

  it('makes a dead letter of the record at which it fails, and begins anew', async () => {
    const bad: ProcessorOperator = (records) =>
      records.pipe(
        map((record) => {
          if (record.value['n'] === 1) throw new Error('bad');
          return record;
        }),
      );
    const setting = new Setting(processor(bad));
    const task = setting.start();
    setting.produce(0, 3);
    await setting.clock.advanceUntil(() => setting.out.length === 2);
    await task.stop();
    expect(setting.out.map(({ n }) => n)).toEqual([0, 2]);
    expect(setting.kafka.values('ns.logs.dead')).toEqual(['{"n":1}']);
    expect(task.stats.retries).toBe(1);
    expect(setting.group.committed.get('in/0')).toBe(3);
  });

  it('ends a bounded run with what it keeps', async () => {
    const setting = new Setting(processor(fives));
    const task = setting.start({ once: true });
    setting.produce(0, 7);
    await setting.clock.run(task.running);
    expect(setting.out).toEqual([{ of: [0, 1, 2, 3, 4] }, { of: [5, 6] }]);
  });

  it('has steps before and behind it', async () => {
    const before = stepNode(({ value }) => (value['n'] === 1 ? { kind: 'dropped' } : undefined), { id: 'before' });
    const behind = stepNode(
      (record) => {
        record.value = { ...record.value, seen: true };
        return undefined;
      },
      { id: 'behind', changesValue: true },
    );
    const both = processor(concatMap((record) => [record, record.with({ time: 0, key: null })]));
    const setting = new Setting(before, both, behind);
    const task = setting.start();
    setting.produce(0, 2);
    await setting.clock.advanceUntil(() => setting.out.length === 2);
    await task.stop();
    expect(setting.out).toEqual([
      { n: 0, seen: true },
      { n: 0, seen: true, '@timestamp': '1970-01-01T00:00:00.000Z' },
    ]);
    expect(setting.kafka.committed('out').map(({ key }) => key?.toString() ?? null)).toEqual(['k', null]);
    expect(setting.group.committed.get('in/0')).toBe(2);
  });
});
