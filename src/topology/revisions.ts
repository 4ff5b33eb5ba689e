import { isStateful } from '../sdk/operator.ts';
import type { Pipeline, StreamNode } from './types.ts';

/** What revises the results in a topic. */
export interface Revision {
  readonly stream: string;
  readonly step: string;
  /** The option of the step by which it does. */
  readonly option: string;
}

/** What revises the results in a topic, if anything does: the last step with state of a stream that writes it, or that passes it on. */
export function revisionOf(topic: string, pipeline: Pipeline): Revision | undefined {
  for (const stream of pipeline.streams) {
    if (!writes(stream, topic)) continue;
    const revision = ofStream(stream, pipeline);
    if (revision !== undefined) return revision;
  }
  return undefined;
}

function ofStream({ name, steps, from }: StreamNode, pipeline: Pipeline): Revision | undefined {
  const last = steps.findLast(({ definition }) => isStateful(definition));
  if (last === undefined || !isStateful(last.definition)) {
    // A pipeline has no cycles, so that this ends.
    return from.map((topic) => revisionOf(topic, pipeline)).find((revision) => revision !== undefined);
  }
  const option = last.definition.state.revises?.(last.options);
  return option === undefined ? undefined : { stream: name, step: last.id, option };
}

/** What a step with state sends elsewhere came too late for it, and is no result. */
function writes({ to, steps }: StreamNode, topic: string): boolean {
  const routes = steps.filter(({ definition }) => !isStateful(definition));
  return to === topic || routes.some(({ definition, options }) => definition.topics?.(options).includes(topic) === true);
}
