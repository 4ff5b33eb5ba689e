import type { JsonValue } from '../record/json.ts';
import { type RecordType, readNotation } from '../sdk/types/index.ts';
import { typeOfJsonSchema } from './json-schema-type.ts';
import type { LoadContext } from './load-context.ts';
import { type ConfigNode, locate, toPlain } from './node.ts';
import { readingReason } from './substitution.ts';

/** Reads the schema of a topic: a mapping, or the path of a file with a JSON Schema. What is wrong with it is reported. */
export function readTopicSchema(node: ConfigNode, context: LoadContext): RecordType | undefined {
  if (node.kind === 'map') return readInline(node, context);
  if (node.kind === 'scalar' && typeof node.value === 'string') return readFile(node.value, node, context);
  // Anything else is refused by the schema of topics.
  return undefined;
}

function readInline(node: ConfigNode, { options: { diagnostics } }: LoadContext): RecordType | undefined {
  const { type, problems } = readNotation(toPlain(node));
  for (const { path, message } of problems) diagnostics.error('CONFIG_SCHEMA', locate(node, path).node, { reason: message });
  return problems.length === 0 ? type : undefined;
}

function readFile(path: string, node: ConfigNode, context: LoadContext): RecordType | undefined {
  const { diagnostics, resolvePath } = context.options;
  const refuse = (reason: string): undefined => {
    diagnostics.error('CONFIG_SCHEMA', node, { reason: `${path} ${reason}` });
    return undefined;
  };
  let text: string;
  try {
    text = context.readFile(resolvePath(path, node.source));
  } catch (error) {
    return refuse(`cannot be read: ${readingReason(error)}`);
  }
  try {
    return typeOfJsonSchema(JSON.parse(text) as JsonValue) ?? refuse('holds no JSON Schema, which is a JSON object');
  } catch {
    return refuse('holds no JSON');
  }
}
