import type { Settings } from '../topology/settings.ts';
import type { Delivery, Pipeline, TaskNode } from '../topology/types.ts';
import { AlternatingCommitter } from './alternating-committer.ts';
import { AtLeastOnceCommitter, type Committer, TransactionalCommitter } from './committer.ts';
import type { TaskEnvironment } from './task.ts';

/** What a task promises: what the process settings say, else its own, else the pipeline's. The embedded broker has no real transactions. */
export function deliveryOf(node: TaskNode, pipeline: Pipeline, settings: Settings): Delivery {
  if (settings.kafka.mode === 'embedded') return 'at_least_once';
  return settings.delivery ?? (node.kind === 'sink' ? pipeline.delivery : node.delivery);
}

/**
 * The transactional ids of a task. A source's go by host, so that a second process for the same inputs fences the first.
 * Sinks have few transactions (dead letters only) and one producer.
 */
export function transactionalIdsOf(
  node: TaskNode,
  env: Pick<TaskEnvironment, 'names' | 'pipeline' | 'place' | 'settings'>,
): readonly string[] {
  const { names, pipeline, place, settings } = env;
  if (node.kind === 'source') return names.sourceTransactionalIds(pipeline.name, node.name, settings.host);
  const id = names.transactionalId(pipeline.name, node.name, place);
  return node.kind === 'sink' ? [id] : [id, names.secondTransactionalId(id)];
}

/** The committer of a task, by its delivery. */
export function committerFor(node: TaskNode, env: TaskEnvironment): Committer {
  const { kafka, pipeline, settings, pass } = env;
  if (deliveryOf(node, pipeline, settings) === 'at_least_once') return new AtLeastOnceCommitter(() => kafka.producer({}), pass);
  const { transactionTimeoutMs } = settings.kafka;
  const [first, second] = transactionalIdsOf(node, env).map(
    (transactionalId) => new TransactionalCommitter(() => kafka.producer({ transactionalId, transactionTimeoutMs }), pass),
  ) as [TransactionalCommitter, TransactionalCommitter?];
  if (second === undefined) return first;
  return new AlternatingCommitter(first, second, { ...env, overlaps: node.kind === 'source' });
}
