import { stageTopics } from '../../src/runtime/stage-topics.ts';
import type { StatefulStepDefinition } from '../../src/sdk/operator.ts';
import { Names } from '../../src/topology/names.ts';
import { type StageNode, stagesOf } from '../../src/topology/stages.ts';
import type { Pipeline, StepNode, StreamNode } from '../../src/topology/types.ts';
import type { FakeKafka } from './fake-kafka.ts';
import { boundOptions } from './operator-driver.ts';
import { settingsOf } from './tasks.ts';

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
