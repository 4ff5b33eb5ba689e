import { isOfPlugin } from '../sdk/definition.ts';
import type { TaskNode } from './stages.ts';
import type { Pipeline } from './types.ts';

/**
 * A text that is the same for two tasks of one name where they do the same: their part of the file, the topics, and the code of
 * plugins that they run. A task whose text has changed has to be made anew.
 */
export function signatureOf(pipeline: Pipeline, node: TaskNode): string {
  let runsPlugins = pipeline.code?.isEverywhere === true;
  const structure = JSON.stringify([node, pipeline.topics, pipeline.delivery], (_, value: unknown) => {
    if (typeof value === 'bigint' || value instanceof RegExp) return String(value);
    if (value instanceof Map || value instanceof Set) return [...value];
    if (typeof value !== 'object' || value === null || !isDefinition(value)) return value;
    runsPlugins ||= isOfPlugin(value);
    return `the ${'kind' in value ? 'step' : 'connector'} ${String('kind' in value ? value.kind : value.type)}`;
  });
  return runsPlugins ? `${structure}\n${pipeline.code?.version}` : structure;
}

/** A kind of step or connector: what it is does not change while the process runs, but for those of plugins. */
function isDefinition(value: object): value is { kind: unknown } | { type: unknown } {
  return 'summary' in value && 'create' in value && ('kind' in value || 'type' in value);
}
