import { type PipelineTypes, type TypeMistake, typesOf } from '../topology/pipeline-types.ts';
import type { Pipeline } from '../topology/types.ts';
import type { LoadContext } from './load-context.ts';
import { type ConfigNode, locate } from './node.ts';
import { spanOf } from './options.ts';

/**
 * The same for the nodes of a file that could be read, where others could not: of what those write nothing is known, so that nothing is
 * said that follows from a mistake of theirs.
 */
export function checkKnownTypes(pipeline: Pipeline, context: LoadContext): void {
  const read = new Set([...pipeline.sources, ...pipeline.streams].map(({ name }) => name));
  const lost = context.draft.nodes.filter(({ kind, name }) => kind !== 'sink' && !read.has(name));
  const all = pipeline.topics.map(({ name }) => name);
  // A step that could not be read may send records to any topic that it names.
  const named = [...lost.flatMap(({ to }) => to), ...(lost.length === 0 ? [] : context.draft.mentions)].map(({ topic }) => topic);
  const unknown = lost.some(({ to }) => to.length === 0) ? all : named;
  const { mistakes } = typesOf(pipeline, context.scope, new Set(unknown));
  report(
    mistakes.filter(({ severity }) => severity === undefined),
    context,
  );
}

/** Reports everything in a pipeline that contradicts what is known of its records. */
export function checkTypes(pipeline: Pipeline, context: LoadContext): PipelineTypes {
  const types = typesOf(pipeline, context.scope);
  report(types.mistakes, context);
  return types;
}

function report(mistakes: readonly TypeMistake[], context: LoadContext): void {
  for (const mistake of mistakes) {
    const at = placeOf(mistake, context);
    const { code, message, offset, length, suggestion, severity } = mistake;
    if (at !== undefined) context.options.diagnostics.report(code, spanOf(at, offset, length), message, suggestion, severity);
  }
}

function placeOf({ node, step, part, path }: TypeMistake, { places }: LoadContext): ConfigNode | undefined {
  if (step === undefined) {
    const body = places.nodes.get(node)?.value;
    return body === undefined ? undefined : locate(body, path).node;
  }
  const place = places.steps.get(step);
  if (place === undefined) return undefined;
  if (part === 'when') return place.when;
  return locate(place.options, path).node;
}
