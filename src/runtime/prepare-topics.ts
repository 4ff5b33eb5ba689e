import { randomBytes } from 'node:crypto';
import { MillraceError, reasonOf } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { Kafka, KafkaAdmin, TopicSpec } from '../kafka/types.ts';
import type { Logger } from '../sdk/logger.ts';
import type { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import { type StageNode, tasksOf } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { Incarnations } from './incarnations.ts';
import { stageTopics } from './stage-topics.ts';
import { StateRegistry } from './stateful/state-registry.ts';
import {
  checkExistingTopics,
  createMissing,
  internalTopics,
  missingTopics,
  stampedTopics,
  topicSpec,
  topicsOf,
} from './topics.ts';

const ADMIN_WAIT_MS = 10_000;

type TopicIncarnations = Pick<Incarnations, 'ensure' | 'of'>;

/** What is known once all topics are there. */
export interface PreparedTopics {
  readonly incarnationOf: (topic: string) => string;
  readonly partitions: ReadonlyMap<string, number>;
  readonly stamped: ReadonlySet<string>;
  /** What is known of the streams' state. */
  readonly states: StateRegistry;
  /** Topics that are not there: external ones, and those between stages that follow from them. */
  readonly missing: ReadonlySet<string>;
}

export interface PreparingTopics {
  readonly pipelines: readonly Pipeline[];
  readonly settings: Settings;
  readonly names: Names;
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  /** Where to say what is odd about the topics that are there. */
  readonly log?: Logger;
}

/** Creates the topics of pipelines, learns their partitions and incarnations. */
export async function prepareTopics(at: PreparingTopics): Promise<PreparedTopics> {
  const { pipelines, settings, names, admin, log } = at;
  const cluster = await admin.describeCluster(ADMIN_WAIT_MS).catch((error: unknown) => {
    throw new MillraceError('KAFKA_UNREACHABLE', {
      brokers: settings.kafka.brokers,
      reason: isKafkaError(error) ? error.reason : reasonOf(error),
    });
  });
  if (log !== undefined) for (const pipeline of pipelines) checkExistingTopics(pipeline, cluster, log);
  const missing = missingTopics(pipelines, cluster);
  const internal = pipelines.flatMap((pipeline) => internalTopics(pipeline, names, settings));
  await createMissing(admin, [...new Map(internal.map((spec) => [spec.name, spec])).values()]);
  const declared = pipelines.flatMap((pipeline) => pipeline.topics);
  const specs = declared.filter((topic) => !topic.external).map((topic) => topicSpec(topic, settings));
  const incarnations = incarnationsOf(at);
  await incarnations.ensure(specs, [
    ...declared.map((topic) => topic.name).filter((name) => !missing.has(name)),
    // Retry topics too: a record that somebody else has put there names no origin.
    ...internal.map(({ name }) => name).filter((name) => name.endsWith('.retry')),
  ]);
  const partitions = await createStageTopics(at, incarnations, specs);
  const stamped = await stampedTopics(pipelines, missing, admin);
  const states = new StateRegistry({ kafka: at.kafka, lookup: admin, names });
  await states.read();
  await states.enter(pipelines);
  const unmade = pipelines
    .flatMap((pipeline) => tasksOf(pipeline, names).flatMap(topicsOf))
    .filter((topic) => !partitions.has(topic));
  return {
    states,
    incarnationOf: (topic) => incarnations.of(topic),
    partitions,
    stamped,
    missing: new Set([...missing, ...unmade]),
  };
}

/**
 * The topics of stages follow those that they read, `made`: their partitions are known only now. Returns the partitions of every topic.
 *
 * Each look waits until all brokers know the topics: another process may have made them just now, and the look may ask a broker
 * that has not heard of it.
 */
async function createStageTopics(
  { pipelines, settings, names, admin }: PreparingTopics,
  incarnations: TopicIncarnations,
  made: readonly TopicSpec[],
): Promise<ReadonlyMap<string, number>> {
  const partitions = await createMissing(admin, made);
  const specs = pipelines.flatMap((pipeline) => {
    const stages = tasksOf(pipeline, names).filter((task): task is StageNode => task.kind === 'stream');
    return stageTopics(stages, { pipeline, names, settings, partitionsOf: (topic) => partitions.get(topic) });
  });
  if (specs.length === 0) return partitions;
  await incarnations.ensure(
    specs,
    specs.map(({ name }) => name),
  );
  for (const { name, partitions: wanted } of specs) {
    const there = partitions.get(name);
    // A stream that has become one with state.
    if (name.endsWith('.retry') && there !== undefined && there < wanted)
      await admin.createPartitions(name, wanted, ADMIN_WAIT_MS);
  }
  return createMissing(admin, [...made, ...specs]);
}

function incarnationsOf({ kafka, settings, admin, names }: PreparingTopics): TopicIncarnations {
  if (settings.kafka.mode !== 'embedded') return new Incarnations({ kafka, admin, metaTopic: names.meta, lockId: names.meta });
  const token = embeddedToken(kafka);
  return {
    ensure: async (specs) => {
      await createMissing(admin, specs);
    },
    of: () => token,
  };
}

/** The broker's records end with it, and so does their incarnation: a swap keeps both, or sources would begin anew. */
const embeddedTokens = new WeakMap<Kafka, string>();

function embeddedToken(kafka: Kafka): string {
  const token = embeddedTokens.get(kafka) ?? randomBytes(9).toString('base64url');
  embeddedTokens.set(kafka, token);
  return token;
}
