import type { SinkNode, StreamNode } from '../topology/types.ts';
import { AtLeastOnceCommitter, type Committer, TransactionalCommitter } from './committer.ts';
import type { TaskEnvironment } from './task.ts';

/** The committer of a stream or a sink: transactions, unless the task's delivery (or the embedded broker) is at least once. */
export function committerFor(node: StreamNode | SinkNode, env: TaskEnvironment): Committer {
  const { kafka, names, pipeline, settings, place } = env;
  const delivery = node.kind === 'stream' ? node.delivery : pipeline.delivery;
  if (settings.kafka.mode === 'embedded' || delivery === 'at_least_once') {
    return new AtLeastOnceCommitter(() => kafka.producer({}), env.pass);
  }
  const transactionalId = names.transactionalId(pipeline.name, node.name, place);
  const { transactionTimeoutMs } = settings.kafka;
  return new TransactionalCommitter(() => kafka.producer({ transactionalId, transactionTimeoutMs }), env.pass);
}
