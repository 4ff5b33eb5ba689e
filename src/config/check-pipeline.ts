import { isStateful } from '../sdk/operator.ts';
import { DEFAULT_NAMESPACE } from '../topology/name-rules.ts';
import { Names } from '../topology/names.ts';
import type { PipelineTypes } from '../topology/pipeline-types.ts';
import { type Revision, revisionOf } from '../topology/revisions.ts';
import { stagesOf } from '../topology/stages.ts';
import type { Pipeline, SinkNode } from '../topology/types.ts';
import { checkTypes } from './check-types.ts';
import type { LoadContext } from './load-context.ts';
import type { ConfigNode, MapEntry, MapNode } from './node.ts';
import { quoted } from './yaml-quoting.ts';

/** Looks at what only shows in a pipeline as a whole, once all of its parts are right. */
export function checkPipeline(pipeline: Pipeline, root: MapNode, context: LoadContext): PipelineTypes {
  checkSides(pipeline, context);
  checkRevisions(pipeline, root, context);
  return checkTypes(pipeline, context);
}

/** Records of a topic that is on both sides of a join can only be told apart where one side goes through a repartition. */
function checkSides(pipeline: Pipeline, { options: { diagnostics }, draft }: LoadContext): void {
  for (const stream of pipeline.streams) {
    if (!stream.steps.some(({ definition }) => isStateful(definition))) continue;
    const stages = stagesOf(stream, pipeline, new Names(DEFAULT_NAMESPACE));
    const twice = stages.flatMap(({ from }) => from.filter((topic, i) => from.indexOf(topic) !== i));
    const refs = draft.nodes.find(({ kind, name }) => kind === 'stream' && name === stream.name)?.joined ?? [];
    for (const topic of new Set(twice)) {
      const at = refs.findLast((ref) => ref.topic === topic)?.at;
      const parameters = { stream: quoted(stream.name), topic: quoted(topic) };
      if (at !== undefined) diagnostics.error('GRAPH_TOPIC_ON_BOTH_SIDES', at, parameters);
    }
  }
}

/** A destination that only takes new documents would have every revision of a result beside the others, and none is ever taken back. */
function checkRevisions(pipeline: Pipeline, root: MapNode, { options: { diagnostics } }: LoadContext): void {
  for (const sink of pipeline.sinks) {
    const creating = sink.connector.onlyCreates?.(sink.config);
    const revision = creating && firstRevision(sink, pipeline);
    const at = creating && placeOf(sink, creating.option, root)?.keySpan;
    if (creating === undefined || revision === undefined || at === undefined) continue;
    const { topic, stream, step, option } = revision;
    diagnostics.error('GRAPH_REVISED_INTO_CREATE_ONLY', at, {
      sink: quoted(sink.name),
      option: quoted(creating.option),
      topic: quoted(topic),
      step,
      stream: quoted(stream),
      revised: quoted(option),
      mend: creating.mend,
    });
  }
}

function firstRevision({ from }: SinkNode, pipeline: Pipeline): (Revision & { readonly topic: string }) | undefined {
  for (const topic of from) {
    const revision = revisionOf(topic, pipeline);
    if (revision !== undefined) return { ...revision, topic };
  }
  return undefined;
}

/** Where an option of a sink's connector stands in the file. */
function placeOf({ name, connector }: SinkNode, option: string, root: MapNode): MapEntry | undefined {
  const steps = ['sinks', name, connector.type, option];
  let entry: MapEntry | undefined;
  let node: ConfigNode | undefined = root;
  for (const key of steps) {
    entry = node?.kind === 'map' ? node.entries.get(key) : undefined;
    node = entry?.value;
  }
  return entry;
}
