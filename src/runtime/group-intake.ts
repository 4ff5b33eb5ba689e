import type { SinkNode, StreamNode } from '../topology/types.ts';
import type { CommittedPositions } from './committed-positions.ts';
import { GroupIntake } from './intake.ts';
import type { TaskEnvironment } from './task.ts';

/** The intake of a stream or sink: its input topics and its own retry topic, as one consumer group. */
export function groupIntakeFor(node: StreamNode | SinkNode, env: TaskEnvironment, positions: CommittedPositions): GroupIntake {
  const { kafka, names, pipeline, settings, lookup, clock, log } = env;
  const groupId = names.group(pipeline.name, node.name);
  const topics = [...node.from, names.retry(pipeline.name, node.name)];
  return new GroupIntake({
    group: groupId,
    topics,
    createConsumer: (onRebalance) =>
      kafka.consumer({ groupId, strategy: 'cooperative-sticky', sessionTimeoutMs: settings.kafka.sessionTimeoutMs, onRebalance }),
    lookup,
    onStart: (at) => {
      positions.moveTo(at);
    },
    onGiveUp: (partitions) => {
      positions.forget(partitions);
    },
    ...(env.inputEnded === undefined ? {} : { allPartitions: topics.reduce((sum, topic) => sum + env.partitionsOf(topic), 0) }),
    clock,
    log,
  });
}
