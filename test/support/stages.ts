import { z } from 'zod';
import type { JsonObject } from '../../src/record/json.ts';
import type { StreamRecord } from '../../src/record/record.ts';
import type { FaultPoint } from '../../src/runtime/fault-points.ts';
import { stageTopics } from '../../src/runtime/stage-topics.ts';
import { StreamTask } from '../../src/runtime/stream-task.ts';
import type { TaskEnvironment } from '../../src/runtime/task.ts';
import { defineAsyncStep } from '../../src/sdk/async-step.ts';
import {
  defineStatefulStep,
  type OperatorContext,
  type PartitionOperator,
  type StatefulStepDefinition,
  type TableSource,
} from '../../src/sdk/operator.ts';
import type { StepOutcome } from '../../src/sdk/step.ts';
import { ComponentStats } from '../../src/telemetry/stats.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { Names } from '../../src/topology/names.ts';
import { type StageNode, stagesOf } from '../../src/topology/stages.ts';
import type { Pipeline, StepNode, StreamNode } from '../../src/topology/types.ts';
import { expectTypes } from './conforms.ts';
import { FakeKafka } from './fake-kafka.ts';
import { FakeProcess } from './fake-process.ts';
import { boundOptions } from './operator-driver.ts';
import { environmentOf, RecordingLog, settingsOf } from './tasks.ts';

const names = new Names('ns');

/** A step with state, with its options as a pipeline file writes them. */
export function statefulNode<Options>(
  definition: StatefulStepDefinition<Options>,
  options: unknown,
  more: Partial<StepNode> = {},
): StepNode {
  return { id: definition.kind, definition, options: boundOptions(definition, options), ...more };
}

/** The stages of a stream of a pipeline, in the order of the flow. */
export function stagesIn(pipeline: Pipeline, stream: StreamNode = pipeline.streams[0] as StreamNode): readonly StageNode[] {
  return stagesOf(stream, pipeline, names);
}

/** Makes the topics of a pipeline and of its stages, as a start does. */
export function createStageTopics(kafka: FakeKafka, pipeline: Pipeline): void {
  for (const { name, partitions } of pipeline.topics) kafka.createTopic(name, partitions);
  const stages = pipeline.streams.flatMap((stream) => stagesIn(pipeline, stream));
  const at = { pipeline, names, settings: settingsOf(), partitionsOf: (topic: string) => kafka.logs.get(topic)?.length };
  for (const { name, partitions } of stageTopics(stages, at)) kafka.createTopic(name, partitions);
  for (const { name } of stages) kafka.createTopic(names.retry(pipeline.name, name));
}

/** A step with state that does what a test says, and nothing otherwise. Its records are together by their Kafka key. */
export function operatorNode(
  make: (context: OperatorContext) => Partial<PartitionOperator>,
  more: Partial<StepNode> & { readonly joins?: string; readonly table?: TableSource } = {},
): StepNode {
  const { joins, table, ...node } = more;
  const nothing = (): undefined => undefined;
  return {
    id: 'operator',
    options: {},
    definition: defineStatefulStep<unknown>({
      kind: 'operator',
      summary: 'A step of a test.',
      options: z.unknown(),
      changesValue: true,
      readsValue: true,
      examples: [],
      state: {
        grouping: () => ({ by: 'key' }),
        fingerprint: () => 'operator',
        joins: () => joins,
        table: () => table,
        create: (_options, context) => ({
          ...{ process: nothing, advance: nothing, tick: nothing, flush: nothing, commit: nothing, rollback: nothing },
          ...{ restore: nothing, restored: nothing, emitOpen: nothing, size: 0 },
          ...make(context),
        }),
      },
    }),
    ...node,
  };
}

/** A step that waits for what a test gives for each record. */
export function waitingNode(
  answer: (record: StreamRecord, signal: AbortSignal) => Promise<StepOutcome | undefined>,
  id = 'ask',
): StepNode {
  return {
    id,
    options: {},
    definition: defineAsyncStep<unknown>({
      kind: 'ask',
      summary: 'A step of a test.',
      options: z.unknown(),
      changesValue: true,
      readsValue: true,
      examples: [],
      createAsync: () => ({ process: (records, signal) => Promise.all(records.map((record) => answer(record, signal))) }),
    }),
  };
}

/** The stages of a pipeline's stream at work over the fake Kafka, as tasks of processes. */
export class Stages {
  readonly clock = new VirtualClock();
  readonly kafka = new FakeKafka(this.clock);
  readonly log = new RecordingLog();
  readonly pipeline: Pipeline;
  #processes = 0;

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
    createStageTopics(this.kafka, pipeline);
  }

  /** Starts the tasks of all stages in a process of their own. */
  async start(more: Partial<TaskEnvironment> = {}): Promise<RunningStages> {
    const { kafka, clock, log, pipeline } = this;
    const place = { instance: 'i', slot: this.#processes };
    this.#processes += 1;
    const process = new FakeProcess(kafka);
    const stop = new AbortController();
    const env = { ...environmentOf(kafka, clock, { pipeline, log, place, ...more }), kafka: process };
    const tasks = pipeline.streams.flatMap((stream) =>
      stagesIn(pipeline, stream).map((stage) => {
        const stats = new ComponentStats({ pipeline: pipeline.name, component: stage.name, kind: 'stream' });
        return new StreamTask(stage, env, stats);
      }),
    );
    const running = tasks.map(async (task) => {
      await task.prepare();
      await task.run(stop.signal);
    });
    for (const one of running) one.catch(() => undefined);
    await clock.settle();
    return { tasks, process, ended: Promise.all(running), stop };
  }

  /** Ends them as SIGTERM does. */
  async end({ tasks, stop, ended }: RunningStages): Promise<void> {
    stop.abort(new Error('stop'));
    await this.clock.run(ended);
    for (const task of tasks) await this.clock.run(task.close());
  }

  /** For processes that are killed so often at a point: `goOn` starts the next ones, until one lives. */
  killedAt(point: FaultPoint, most: number): { readonly count: number; goOn(): Promise<void> } {
    let dead = true;
    const killed = {
      count: 0,
      goOn: async (): Promise<void> => {
        while (dead) {
          dead = false;
          const { process } = await this.start({
            pass: (passed) => {
              if (passed !== point || killed.count >= most) return;
              killed.count += 1;
              dead = true;
              process.kill();
            },
          });
          // The transaction of a process that was killed holds its successor up until it times out.
          await this.clock.advance(20_000);
        }
      },
    };
    return killed;
  }

  /** Writes a record to the input. */
  produce(value: JsonObject, { key = 'a', partition = 0, topic = 'in' } = {}): void {
    this.kafka.produce({ topic, partition }, [JSON.stringify(value)], { key });
  }

  /** The values of a topic, as far as they are committed. */
  values(topic: string): JsonObject[] {
    const values = this.kafka.values(topic).map((text) => JSON.parse(text) as JsonObject);
    expectTypes(topic, values, this.pipeline);
    return values;
  }
}

export interface RunningStages {
  readonly tasks: readonly StreamTask[];
  readonly process: FakeProcess;
  readonly ended: Promise<unknown>;
  readonly stop: AbortController;
}
