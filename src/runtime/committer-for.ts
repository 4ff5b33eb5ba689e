import type { Settings } from '../topology/settings.ts';
import type { Delivery, Pipeline, TaskNode } from '../topology/types.ts';
import { AtLeastOnceCommitter, type Committer, TransactionalCommitter } from './committer.ts';
import type { TaskEnvironment } from './task.ts';

/** What a task promises: what the process settings say, else its own, else the pipeline's. The embedded broker has no real transactions. */
export function deliveryOf(node: TaskNode, pipeline: Pipeline, settings: Settings): Delivery {
  if (settings.kafka.mode === 'embedded') return 'at_least_once';
  return settings.delivery ?? (node.kind === 'sink' ? pipeline.delivery : node.delivery);
}

/** The transactional id of a task: a source's goes by host, so that a second process for the same inputs fences the first. */
export function transactionalIdOf(
  node: TaskNode,
  env: Pick<TaskEnvironment, 'names' | 'pipeline' | 'place' | 'settings'>,
): string {
  const { names, pipeline, place, settings } = env;
  return node.kind === 'source'
    ? names.sourceTransactionalId(pipeline.name, node.name, settings.host)
    : names.transactionalId(pipeline.name, node.name, place);
}

/** The committer of a task, by its delivery. */
export function committerFor(node: TaskNode, env: TaskEnvironment): Committer {
  const { kafka, pipeline, settings, pass } = env;
  if (deliveryOf(node, pipeline, settings) === 'at_least_once') return new AtLeastOnceCommitter(() => kafka.producer({}), pass);
  const transactionalId = transactionalIdOf(node, env);
  const { transactionTimeoutMs } = settings.kafka;
  return new TransactionalCommitter(() => kafka.producer({ transactionalId, transactionTimeoutMs }), pass);
}
