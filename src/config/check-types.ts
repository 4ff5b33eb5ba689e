import { type PipelineTypes, type TypeMistake, typesOf } from '../topology/pipeline-types.ts';
import type { Pipeline } from '../topology/types.ts';
import type { LoadContext } from './load-context.ts';
import { type ConfigNode, locate } from './node.ts';
import { spanOf } from './options.ts';

/** Reports everything in a pipeline that contradicts what is known of its records. */
export function checkTypes(pipeline: Pipeline, context: LoadContext): PipelineTypes {
  const types = typesOf(pipeline, context.scope);
  for (const mistake of types.mistakes) {
    const at = placeOf(mistake, context);
    const { code, message, offset, length, suggestion, severity } = mistake;
    if (at !== undefined) context.options.diagnostics.report(code, spanOf(at, offset, length), message, suggestion, severity);
  }
  return types;
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
