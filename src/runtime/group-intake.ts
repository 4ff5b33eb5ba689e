import type { TopicPartition } from '../kafka/types.ts';
import { resetPlace } from '../topology/reset-place.ts';
import { isStage, type StageNode } from '../topology/stages.ts';
import type { SinkNode, StreamNode } from '../topology/types.ts';
import type { CommittedPositions } from './committed-positions.ts';
import { GroupIntake } from './intake.ts';
import type { TaskEnvironment } from './task.ts';

/** The intake of a stream or sink: its input topics and its own retry topic, as one consumer group. */
export function groupIntakeFor(
  node: StreamNode | StageNode | SinkNode,
  env: TaskEnvironment,
  parts: {
    readonly positions: CommittedPositions;
    readonly restore?: (partitions: readonly TopicPartition[]) => Promise<void>;
    readonly giveUp?: (partitions: readonly TopicPartition[]) => void;
  },
): GroupIntake {
  const { positions, restore, giveUp } = parts;
  const { kafka, names, pipeline, settings, lookup, clock, log } = env;
  const groupId = names.group(pipeline.name, node.name);
  // State is by partition number: a task has the same partitions of all its inputs, which only range sees to.
  const strategy = node.kind === 'stream' && isStage(node) && node.timed ? 'range' : 'cooperative-sticky';
  const topics = [...node.from, names.retry(pipeline.name, node.name)];
  return new GroupIntake({
    group: groupId,
    reset: resetPlace(pipeline, node),
    topics,
    createConsumer: (onRebalance) =>
      kafka.consumer({ groupId, strategy, sessionTimeoutMs: settings.kafka.sessionTimeoutMs, onRebalance }),
    lookup,
    ...(restore === undefined ? {} : { restore }),
    onStart: (at) => {
      positions.moveTo(at);
    },
    onGiveUp: (partitions) => {
      giveUp?.(partitions);
      positions.forget(partitions);
    },
    ...(env.inputEnded === undefined ? {} : { allPartitions: topics.reduce((sum, topic) => sum + env.partitionsOf(topic), 0) }),
    clock,
    log,
  });
}
