import { concatMap, from, map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeKafka } from '../../../test/support/fake-kafka.ts';
import { environmentOf, pipelineOf, RecordingLog, stepNode, streamNode } from '../../../test/support/tasks.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { CompiledOption } from '../../sdk/option.ts';
import { defineProcessor } from '../../sdk/processor.ts';
import type { StepDefinition } from '../../sdk/step.ts';
import { ComponentStats } from '../../telemetry/stats.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { Names } from '../../topology/names.ts';
import { stagesOf } from '../../topology/stages.ts';
import type { StepNode } from '../../topology/types.ts';
import { StreamTask } from '../stream-task.ts';

let closed = 0;

/** Counts the records of each key; n -1 is bad. A timer tells of the count 100 ms of event time after the first. */
const count = defineProcessor({
  kind: 'count',
  summary: 'Counts the records of each key.',
  options: z.strictObject({ waits: z.boolean() }),
  setup: ({ waits }, { state, timers, record, clock }) => {
    const counts = state.value<number>('count');
    return {
      process: (records) =>
        records.pipe(
          concatMap((each) => (waits ? from(clock.sleep(1).then(() => each)) : of(each))),
          map((each) => {
            const { key, value, time } = each;
            const n = (counts.get(key as string) ?? 0) + 1;
            counts.set(key as string, n);
            if (value['n'] === -1) throw new Error('bad');
            if (n === 1) timers.at(key as string, time + 100, 'report');
            return each.with({ value: { ...value, count: n } });
          }),
        ),
      onTimer: ({ key, time }) => [record({ key, time, value: { report: counts.get(key) ?? 0 } })],
      close: () => {
        closed += 1;
      },
    };
  },
});

const processor = (more: Partial<StepNode> = {}): StepNode => ({
  id: 'count-1',
  definition: count as StepDefinition,
  options: { waits: true },
  ...more,
});

function set(value: JsonObject, field: string, to: JsonValue): undefined {
  value[field] = to;
}

class Setting {
  readonly clock = new VirtualClock(1_000_000);
  readonly kafka = new FakeKafka(this.clock);
  readonly log = new RecordingLog();
  readonly #steps: readonly StepNode[];

  constructor(steps: readonly StepNode[] = [processor()]) {
    this.#steps = steps;
  }

  start(): { stop: () => Promise<void>; stats: ComponentStats } {
    const { clock, kafka, log } = this;
    const node = streamNode({ steps: this.#steps });
    const pipeline = pipelineOf({ streams: [node] });
    const names = new Names('ns');
    const [stage] = stagesOf(node, pipeline, names);
    if (stage === undefined) throw new Error('no stage');
    if (!kafka.logs.has(names.changelog('logs', 'parse'))) kafka.createTopic(names.changelog('logs', 'parse'));
    const env = environmentOf(kafka, clock, { pipeline, log });
    const stats = new ComponentStats({ pipeline: 'logs', component: 'parse', kind: 'stream' });
    const task = new StreamTask(stage, env, stats);
    const stop = new AbortController();
    const running = task.prepare().then(() => task.run(stop.signal));
    running.catch(() => undefined);
    return {
      stats,
      stop: async () => {
        stop.abort(new Error('stop'));
        await clock.run(running);
        await clock.run(task.close());
      },
    };
  }

  /** Records of event times that are 10 ms apart. */
  produce(from: number, values: readonly number[], key: string | Uint8Array = 'k'): void {
    const times = values.map((n, i) => JSON.stringify({ n, '@timestamp': new Date((from + i) * 10).toISOString() }));
    this.kafka.produce({ topic: 'in', partition: 0 }, times, { key });
  }

  get out(): JsonObject[] {
    return this.kafka.values('out').map((text) => JSON.parse(text) as JsonObject);
  }

  get counts(): unknown[] {
    return this.out.map((value) => value['count'] ?? { report: value['report'], at: value['@timestamp'] });
  }
}

describe('a processor in a stream', () => {
  it('emits what it makes of each read, and its timers between the records', async () => {
    const setting = new Setting([processor({ options: { waits: false } })]);
    const task = setting.start();
    setting.produce(
      0,
      Array.from({ length: 13 }, () => 0),
    );
    await setting.clock.advanceUntil(() => setting.out.length === 14);
    await task.stop();
    // The watermark is 1 ms behind: the timer at 100 comes behind the record of 110, the twelfth.
    const report = { report: 12, at: '1970-01-01T00:00:00.100Z' };
    expect(setting.counts).toEqual([...Array.from({ length: 12 }, (_, i) => i + 1), report, 13]);
    expect(setting.kafka.committed('out').map(({ key }) => key?.toString())).toEqual(Array.from({ length: 14 }, () => 'k'));
  });

  it.each(['begin', 'write', 'sendOffsets', 'commitTransaction'] as const)(
    'counts each record once after failures of %s',
    async (point) => {
      for (const fault of ['abortable', 'fatal', 'undone', 'done'] as const) {
        const setting = new Setting();
        let failures = 2;
        setting.kafka.script = (at) => {
          if (at !== point || failures === 0) return undefined;
          failures -= 1;
          return fault;
        };
        const task = setting.start();
        for (let i = 0; i < 9; i += 1) {
          setting.produce(i, [i]);
          await setting.clock.advance(70);
        }
        await setting.clock.advanceUntil(() => setting.out.length >= 9);
        await task.stop();
        expect(setting.counts, `${point} ${fault}`).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }
    },
  );

  it('goes on where it was after a restart, and frees what it had opened', async () => {
    const setting = new Setting();
    const before = closed;
    const first = setting.start();
    setting.produce(0, [0, 0]);
    await setting.clock.advanceUntil(() => setting.out.length === 2);
    await first.stop();
    expect(closed).toBe(before + 1);
    const second = setting.start();
    setting.produce(12, [0, 0]);
    await setting.clock.advanceUntil(() => setting.out.length === 5);
    await second.stop();
    expect(setting.counts).toEqual([1, 2, 3, { report: 3, at: '1970-01-01T00:00:00.100Z' }, 4]);
  });

  it('makes a dead letter of the record that it cannot process, whole', async () => {
    const setting = new Setting();
    const task = setting.start();
    setting.produce(0, [0, -1, 0]);
    await setting.clock.advanceUntil(() => setting.out.length === 2);
    await task.stop();
    expect(setting.counts).toEqual([1, 2]);
    const [letter, ...others] = setting.kafka.committed('ns.logs.dead');
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.value?.toString() ?? '')).toMatchObject({ n: -1 });
    expect(task.stats.deadLetters).toBe(1);
  });

  it('leaves records alone for which "when" is not true, in their order, and lets steps before and behind it work', async () => {
    const when = new CompiledOption('expression', 'n > 0');
    when.bind(({ value }) => (value['n'] as number) > 0);
    const before = stepNode(({ value }) => set(value, 'n', (value['n'] as number) - 1), { id: 'before', changesValue: true });
    const behind = stepNode(({ value }) => set(value, 'seen', true), { id: 'behind', changesValue: true });
    const setting = new Setting([before, processor({ when }), behind]);
    const task = setting.start();
    setting.produce(0, [1, 2, 1, 3]);
    await setting.clock.advanceUntil(() => setting.out.length === 4);
    await task.stop();
    expect(setting.out.map(({ n, count: counted, seen }) => [n, counted, seen])).toEqual([
      [0, undefined, true],
      [1, 1, true],
      [0, undefined, true],
      [2, 2, true],
    ]);
  });
});

it('keeps keys that are no text as they are', async () => {
  const same = defineProcessor({ kind: 'same', summary: 'Nothing.', options: z.unknown(), setup: () => map((record) => record) });
  const setting = new Setting([processor({ definition: same as StepDefinition })]);
  const task = setting.start();
  const key = Buffer.from([0xff, 0x00, 0x80]);
  setting.produce(0, [1], key);
  await setting.clock.advanceUntil(() => setting.out.length === 1);
  await task.stop();
  expect(setting.kafka.committed('out')[0]?.key).toEqual(key);
});
