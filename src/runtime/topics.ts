import { MillraceError } from '../errors/index.ts';
import type { ClusterDescription, KafkaAdmin, TopicSpec } from '../kafka/types.ts';
import type { Logger } from '../sdk/logger.ts';
import { routedTopics } from '../topology/describe.ts';
import type { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import { isStage, tasksOf } from '../topology/stages.ts';
import type { Pipeline, SourceNode, StreamNode, TaskNode, TopicNode } from '../topology/types.ts';
import { DEAD_LETTER_BYTES } from './dead-letter.ts';

const ADMIN_WAIT_MS = 30_000;
/** Sources are few; more partitions would only cost. */
const POSITIONS_PARTITIONS = 16;

const TIMESTAMP_TYPE = 'message.timestamp.type';
const APPEND_TIME = 'LogAppendTime';

/** Dead letters are looked at by people: they are kept longer than a weekend. */
const DEAD_RETENTION_MS = 30 * 86_400_000;

/** The topics that a pipeline needs beside those it declares, and those of stages (see stage-topics.ts). */
export function internalTopics(pipeline: Pipeline, names: Names, settings: Settings): TopicSpec[] {
  const replication = replicationOf(settings);
  const appended = { [TIMESTAMP_TYPE]: APPEND_TIME };
  // Records that are too large for other topics must fit in here.
  const large = { ...appended, 'max.message.bytes': String(DEAD_LETTER_BYTES) };
  const compacted = { ...appended, 'cleanup.policy': 'compact' };
  const tasks = tasksOf(pipeline, names).filter((task) => task.kind !== 'source' && !(task.kind === 'stream' && task.stateful));
  return [
    { name: names.positions, partitions: POSITIONS_PARTITIONS, ...replication, config: compacted },
    { name: names.meta, partitions: 1, ...replication, config: compacted },
    {
      name: names.dead(pipeline.name),
      partitions: 1,
      ...replication,
      config: { ...large, 'retention.ms': String(DEAD_RETENTION_MS) },
    },
    ...tasks.map((task) => ({ name: names.retry(pipeline.name, task.name), partitions: 1, ...replication, config: large })),
  ];
}

/** A declared topic as Kafka is to make it. Retention counts from arrival, not from the time in an old log. */
export function topicSpec(topic: TopicNode, settings: Settings): TopicSpec {
  return {
    name: topic.name,
    partitions: topic.partitions,
    ...(topic.replication === undefined ? replicationOf(settings) : { replicationFactor: topic.replication }),
    config: {
      [TIMESTAMP_TYPE]: APPEND_TIME,
      'cleanup.policy': topic.cleanup,
      ...(topic.retentionMs === undefined ? {} : { 'retention.ms': String(topic.retentionMs) }),
      ...topic.config,
    },
  };
}

export function replicationOf(settings: Settings): { replicationFactor?: number } {
  return settings.kafka.replication === undefined ? {} : { replicationFactor: settings.kafka.replication };
}

/** The external topics that are not there, and that no other pipeline of this run makes. */
export function missingTopics(pipelines: readonly Pipeline[], cluster: ClusterDescription): ReadonlySet<string> {
  const declared = pipelines.flatMap((pipeline) => pipeline.topics);
  const there = new Set([
    ...cluster.topics.map(({ name }) => name),
    ...declared.filter(({ external }) => !external).map(({ name }) => name),
  ]);
  return new Set(declared.map(({ name }) => name).filter((name) => !there.has(name)));
}

/** Why a task that needs `topic` must wait for it. `missing`: all that are not there. */
export function topicMissing(topic: string, pipeline: Pipeline, missing: ReadonlySet<string>): MillraceError {
  if (pipeline.topics.some(({ name, external }) => external && name === topic))
    return new MillraceError('TOPIC_MISSING', { topic });
  const waitsFor = pipeline.topics.filter(({ name, external }) => external && missing.has(name)).map(({ name }) => name);
  const at = { topic, pipeline: pipeline.name };
  if (waitsFor.length === 0) return new MillraceError('TOPIC_NOT_FOUND', at);
  return new MillraceError('TOPIC_NOT_MADE', { ...at, missing: waitsFor.join(', ') });
}

/** The topics that a source or stream writes: its own, and those that its steps route to. */
export function outputsOf({ to, steps }: SourceNode | StreamNode): string[] {
  return [...new Set([...(to === undefined ? [] : [to]), ...routedTopics(steps)])];
}

/** Every topic that a task reads or writes. */
export function topicsOf(node: TaskNode): string[] {
  const tables = node.kind === 'stream' && isStage(node) ? node.tables : [];
  return [...(node.kind === 'source' ? [] : node.from), ...tables, ...(node.kind === 'sink' ? [] : outputsOf(node))];
}

/** Warns where an existing topic has another number of partitions. */
export function checkExistingTopics(pipeline: Pipeline, cluster: ClusterDescription, log: Logger): void {
  const existing = new Map(cluster.topics.map((topic) => [topic.name, topic]));
  for (const topic of pipeline.topics) {
    const found = existing.get(topic.name);
    if (found !== undefined && !topic.external && found.partitions !== topic.partitions) {
      log.warn(
        `the topic ${topic.name} has ${found.partitions} partitions, the pipeline says ${topic.partitions}; the existing number holds`,
      );
    }
  }
}

/**
 * The topics whose records the broker stamps with the time of their arrival, so that none needs to be sent: those that
 * Millrace makes, and external ones that it writes and that say so. Where an external topic's settings can't be asked for it is taken to keep the
 * time it is given.
 */
export async function stampedTopics(
  pipelines: readonly Pipeline[],
  missing: ReadonlySet<string>,
  admin: KafkaAdmin,
): Promise<ReadonlySet<string>> {
  const written = new Set(pipelines.flatMap(({ sources, streams }) => [...sources, ...streams].flatMap(outputsOf)));
  const topics = pipelines
    .flatMap((pipeline) => pipeline.topics)
    .filter(({ name, external }) => !missing.has(name) && (written.has(name) || !external));
  const stamped = await Promise.all(
    topics.map(async ({ name, external, config }) => {
      const type = external ? await timestampTypeOf(name, admin) : (config[TIMESTAMP_TYPE] ?? APPEND_TIME);
      return type === APPEND_TIME ? [name] : [];
    }),
  );
  return new Set(stamped.flat());
}

async function timestampTypeOf(topic: string, admin: KafkaAdmin): Promise<string | undefined> {
  try {
    return (await admin.topicConfig(topic, ADMIN_WAIT_MS))?.[TIMESTAMP_TYPE];
  } catch {
    // Not allowed, mostly.
    return undefined;
  }
}

/** Creates `specs` where they are missing; returns the partitions of every topic. */
export async function createMissing(admin: KafkaAdmin, specs: readonly TopicSpec[]): Promise<ReadonlyMap<string, number>> {
  await admin.createTopics(specs, ADMIN_WAIT_MS);
  const { topics } = await admin.describeCluster(ADMIN_WAIT_MS);
  return new Map(topics.map((topic) => [topic.name, topic.partitions]));
}
