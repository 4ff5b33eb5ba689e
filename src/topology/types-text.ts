import { type RecordType, typeLines, typeText } from '../sdk/types/index.ts';
import type { NodeTypes, PipelineTypes } from './pipeline-types.ts';
import { changedFields } from './type-changes.ts';

/** What is known of the records of a pipeline, as plain JSON: types are written as a `schema` writes them. */
export interface TypesDescription {
  readonly topics: Readonly<Record<string, string>>;
  readonly nodes: readonly NodeTypesDescription[];
}

export interface NodeTypesDescription {
  readonly kind: 'source' | 'stream' | 'sink';
  readonly name: string;
  /** Before the first step. */
  readonly input: string;
  /** Behind each step. */
  readonly steps: readonly { readonly id: string; readonly fields: string }[];
}

export function describeTypes({ topics, nodes }: PipelineTypes): TypesDescription {
  return {
    topics: Object.fromEntries([...topics].map(([name, type]) => [name, typeText(type)])),
    nodes: [...nodes.values()].map(({ kind, name, input, steps }) => ({
      kind,
      name,
      input: typeText(input),
      steps: [...steps].map(([id, type]) => ({ id, fields: typeText(type) })),
    })),
  };
}

/** The same for people: each topic, and the fields behind each step. */
export function typesToText({ topics, nodes }: PipelineTypes): string {
  const parts = [
    ...[...topics].map(([name, type]) => [`topic ${name}`, ...typeLines(type, '  ')]),
    ...[...nodes.values()].map(nodeLines),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function nodeLines({ kind, name, input, steps }: NodeTypes): string[] {
  const lines = [`${kind} ${name}`, steps.size === 0 ? '  records' : '  before the first step', ...typeLines(input, '    ')];
  let before: RecordType = input;
  for (const [id, type] of steps) {
    lines.push(...behindLines(id, before, type));
    before = type;
  }
  return lines;
}

/** Where a step changes little of a long list of fields, only that is shown. */
function behindLines(id: string, before: RecordType, type: RecordType): string[] {
  if (typeText(type) === typeText(before)) return [`  behind ${id}: the same`];
  const all = typeLines(type, '    ');
  const changed = all.length === 1 ? undefined : changedFields(before, type, '    ');
  return changed === undefined ? [`  behind ${id}`, ...all] : [`  behind ${id}: the same, but`, ...changed];
}
