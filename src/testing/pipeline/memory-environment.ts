import { noFaults } from '../../runtime/fault-points.ts';
import { openGate } from '../../runtime/flow-gate.ts';
import { stageTopics } from '../../runtime/stage-topics.ts';
import type { TaskEnvironment } from '../../runtime/task.ts';
import { internalTopics } from '../../runtime/topics.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Logger } from '../../sdk/logger.ts';
import { Names } from '../../topology/names.ts';
import type { Settings } from '../../topology/settings.ts';
import { type StageNode, tasksOf } from '../../topology/stages.ts';
import type { Pipeline } from '../../topology/types.ts';
import type { MemoryKafka } from '../memory-kafka/memory-kafka.ts';
import type { VirtualClock } from '../virtual-clock.ts';

const RESTORES = 8;
const NAMES = new Names('test');

/** Settings as far as tasks look at them. Micro-batches commit as soon as there is something to commit. */
const SETTINGS: Settings = {
  profile: 'test',
  namespace: 'test',
  host: 'test-host',
  dataDirectory: '/nowhere',
  kafka: {
    mode: 'cluster',
    brokers: 'memory',
    security: { protocol: 'plaintext' },
    options: {},
    sessionTimeoutMs: 10_000,
    transactionTimeoutMs: 10_000,
    batches: 'fallback',
  },
  admin: { enabled: false, host: '127.0.0.1', port: 0 },
  commit: { intervalMs: 0, maxRecords: 50_000, maxBytes: 1_000_000 },
  log: { level: 'info', format: 'text' },
};

/**
 * What the tasks of a pipeline need, on a Kafka in memory with all of their topics. Nothing in it is left to chance, so that a run
 * is the same every time, ids of documents too.
 */
export function memoryEnvironment(
  pipeline: Pipeline,
  { kafka, clock, log }: { kafka: MemoryKafka; clock: VirtualClock; log: Logger },
): TaskEnvironment {
  const stages = tasksOf(pipeline, NAMES).filter((task): task is StageNode => task.kind === 'stream');
  for (const { name, partitions } of [...pipeline.topics, ...internalTopics(pipeline, NAMES, SETTINGS)])
    kafka.createTopic(name, partitions);
  const partitionsOf = (topic: string): number => kafka.logs.get(topic)?.length ?? 0;
  const known = (topic: string): number | undefined => partitionsOf(topic) || undefined;
  for (const { name, partitions } of stageTopics(stages, { pipeline, names: NAMES, settings: SETTINGS, partitionsOf: known }))
    kafka.createTopic(name, partitions);
  const external = new Set(pipeline.topics.filter((topic) => topic.external).map(({ name }) => name));
  return {
    pipeline,
    settings: SETTINGS,
    names: NAMES,
    kafka,
    lookup: kafka.admin(),
    restores: new Turns(RESTORES),
    clock,
    random: () => 0.5,
    log,
    pass: noFaults,
    place: { instance: 'test', slot: 0 },
    incarnationOf: (topic) => `test-${topic.replaceAll('.', '_')}`,
    generationOf: () => 0,
    partitionsOf,
    stampedByBroker: (topic) => !external.has(topic),
    gate: openGate,
  };
}
