import { describe, expect, it } from 'vitest';
import { FakeProcess } from '../../test/support/fake-process.ts';
import { createStageTopics, Stages, statefulNode } from '../../test/support/stages.ts';
import { environmentOf, pipelineOf, settingsOf, sinkNode, streamNode, topicNode } from '../../test/support/tasks.ts';
import type { KafkaAdmin } from '../kafka/types.ts';
import { headerText } from '../record/headers.ts';
import { window } from '../steps/window.ts';
import { Names } from '../topology/names.ts';
import { Reset } from './reset.ts';
import { StateRegistry } from './stateful/state-registry.ts';

const GENERATION = 2 ** 32;
const names = new Names('ns');
const counting = statefulNode(window, { tumbling: '10s', by: ['user'], compute: { n: 'count()' } }, { id: 'w' });
const pipeline = pipelineOf({
  topics: [topicNode('in', { partitions: 2 }), topicNode('out')],
  streams: [streamNode({ name: 'count', steps: [counting] })],
  sinks: [
    sinkNode(
      () => {
        throw new Error('not started');
      },
      { from: ['out'] },
    ),
  ],
});

const timeOf = (second: number): string => new Date(Date.UTC(2024, 0, 1) + second * 1_000).toISOString();

/** The process is killed: nothing more of it takes effect. */
class Killed extends Error {}

/** A stream whose three records are counted in a window that is open, and stopped. */
class World {
  readonly stages = new Stages(pipeline);
  readonly said: string[] = [];
  /** What a reset has changed in Kafka. */
  effects = 0;
  #mostEffects = Number.POSITIVE_INFINITY;

  async stopped(): Promise<this> {
    const { stages } = this;
    environmentOf(stages.kafka, stages.clock, { pipeline });
    const registry = await this.registry();
    await stages.clock.run(registry.enter([pipeline]));
    for (const partition of [0, 1, 1]) stages.produce({ user: 'u', '@timestamp': timeOf(1) }, { partition });
    const running = await this.start();
    await stages.clock.advanceUntil(() => this.#committed('in/0') === 1 && this.#committed('in/1') === 2);
    await stages.clock.advance(2_000);
    await stages.end(running);
    stages.kafka.script = (point) => {
      if (point === 'commit' || point === 'write') this.#effect();
      return undefined;
    };
    return this;
  }

  async registry(): Promise<StateRegistry> {
    const { kafka, clock } = this.stages;
    const registry = new StateRegistry({ kafka, lookup: kafka.admin(), names });
    await clock.run(registry.read());
    return registry;
  }

  async start(): ReturnType<Stages['start']> {
    createStageTopics(this.stages.kafka, pipeline);
    const registry = await this.registry();
    return await this.stages.start({ generationOf: (stream) => registry.generationOf(pipeline, stream) });
  }

  /** Resets the pipeline; dies instead of the effect behind so many. */
  async reset({ effects = Number.POSITIVE_INFINITY, to = 'beginning' as 'beginning' | 'end' } = {}): Promise<void> {
    this.effects = 0;
    this.#mostEffects = effects;
    const { kafka, clock } = this.stages;
    const at = { pipeline, settings: settingsOf(), kafka: new FakeProcess(kafka), admin: this.#admin() };
    const say = (line: string): void => void this.said.push(line);
    await clock.run(new Reset({ ...at, chosen: ['count', 'search'], to, newIds: false, say }).run());
  }

  /** Closes the window; gives what its last result counts, and in which generation it is. */
  async count(): Promise<{ n: unknown; generation: number }> {
    this.#mostEffects = Number.POSITIVE_INFINITY;
    const running = await this.start();
    const { stages } = this;
    for (const partition of [0, 1]) stages.produce({ user: 'v', '@timestamp': timeOf(30) }, { partition });
    await stages.clock.advanceUntil(() => stages.values('out').length > 0);
    await stages.clock.advance(2_000);
    await stages.end(running);
    const last = stages.kafka.committed('out').at(-1);
    const { n } = JSON.parse(last?.value?.toString() ?? '{}') as { n: unknown };
    const version = Number(headerText(last?.headers as Buffer, 'millrace.version'));
    return { n, generation: Math.floor(version / GENERATION) };
  }

  #effect(): void {
    this.effects += 1;
    if (this.effects > this.#mostEffects) throw new Killed();
  }

  #admin(): KafkaAdmin {
    const admin = this.stages.kafka.admin();
    return {
      ...admin,
      deleteTopics: async (topics, waitMs) => {
        for (const topic of topics) {
          this.#effect();
          await admin.deleteTopics([topic], waitMs);
        }
      },
    };
  }

  #committed(key: string): number | undefined {
    return this.stages.kafka.group('ns.logs.count').committed.get(key);
  }
}

describe('Reset', () => {
  it('forgets the state, begins a new generation and says so', async () => {
    const world = await new World().stopped();
    await world.reset();
    expect(world.said).toContain('count: its state is forgotten; its results begin a new generation');
    expect(world.said).toContain('count: goes on at the beginning of in');
    expect(await world.count()).toEqual({ n: 3, generation: 1 });
  });

  it('may be killed at any moment: the stream does not start, or is as it was, or is anew; and a second reset finishes it', async () => {
    const whole = await new World().stopped();
    await whole.reset();
    expect(whole.effects).toBeGreaterThan(8);
    let refused = 0;
    for (let effects = 0; effects < whole.effects; effects += 1) {
      const left = await new World().stopped();
      await expect(left.reset({ effects }), `${effects}`).rejects.toBeInstanceOf(Killed);
      const outcome = await left.count().catch((error: unknown) => error as Error & { code: string });
      if (outcome instanceof Error) {
        expect(outcome.code).toBe('RESET_UNFINISHED');
        refused += 1;
      } else {
        expect(
          [
            { n: 3, generation: 0 },
            { n: 3, generation: 1 },
          ],
          `${effects}`,
        ).toContainEqual(outcome);
      }
      const again = await new World().stopped();
      await expect(again.reset({ effects })).rejects.toBeInstanceOf(Killed);
      await again.reset();
      expect(await again.count(), `${effects}`).toEqual({ n: 3, generation: 1 });
    }
    expect(refused).toBeGreaterThan(4);
  });

  it('touches nothing where a task is at work', async () => {
    const world = await new World().stopped();
    const running = await world.start();
    await world.stages.clock.advance(2_000);
    await expect(world.reset()).rejects.toMatchObject({ code: 'GROUP_IN_USE' });
    expect(world.effects).toBe(1);
    const registry = await world.registry();
    expect(registry.generationOf(pipeline, 'count')).toBe(0);
    await world.stages.end(running);
  });
});
