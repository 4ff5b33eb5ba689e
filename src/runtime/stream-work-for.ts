import type { ComponentStats } from '../telemetry/stats.ts';
import { isStage, type StageNode } from '../topology/stages.ts';
import type { StreamNode } from '../topology/types.ts';
import type { BatchEmitter } from './batch-emitter.ts';
import { ContinuousWork, isContinuous } from './continuous-work.ts';
import type { OutputTopics } from './output-topics.ts';
import { StatefulWork } from './stateful/stateful-work.ts';
import { StatelessWork } from './stateless-work.ts';
import type { StreamWork } from './stream-work.ts';
import type { TaskEnvironment } from './task.ts';

/** What a stream does with its micro-batches, by what its steps are. */
export function streamWorkFor(
  node: StreamNode | StageNode,
  env: TaskEnvironment,
  parts: { readonly topics: OutputTopics; readonly emitter: BatchEmitter; readonly stats: ComponentStats },
): StreamWork {
  if (isContinuous(node)) return new ContinuousWork(node, env, parts);
  return isStage(node) && node.timed ? new StatefulWork(node, env, parts) : new StatelessWork(node, env, parts);
}
