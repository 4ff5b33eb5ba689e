import { z } from 'zod';
import type { ConfigNode, MapEntry, ScalarNode } from './node.ts';

/** What a scalar of a schema of `millrace/sdk` is, from the schema's metadata. */
export type ScalarKind = 'duration' | 'size' | 'field' | 'expression' | 'template' | 'map' | 'secret' | 'path' | 'topic';

export interface SchemaVisitor {
  /** A scalar for which the schema, or a branch of it, says what it is. */
  scalar?(kind: ScalarKind, node: ScalarNode): void;
  /** A key that no branch of the schema knows. */
  unknownKey?(entry: MapEntry, known: readonly string[]): void;
}

/** The schema's definition, by type. */
function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The schemas that may apply to the same value: wrappers taken off, unions opened. */
export function branchesOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return [schema, ...branchesOf(def.innerType)];
    case 'pipe':
      return [schema, ...branchesOf(def.in)];
    case 'lazy':
      return branchesOf(def.getter());
    case 'union':
      return [schema, ...def.options.flatMap(branchesOf)];
    case 'intersection':
      return [schema, ...branchesOf(def.left), ...branchesOf(def.right)];
    default:
      return [schema];
  }
}

export function kindOf(schema: z.core.$ZodType): ScalarKind | undefined {
  return z.globalRegistry.get(schema)?.['millrace'] as ScalarKind | undefined;
}

/** The schemas of a key or an item of the value that `schema` describes. */
export function childSchemas(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  return branchesOf(schema).flatMap((branch) => {
    const def = definitionOf(branch);
    if (def.type === 'object') return Object.hasOwn(def.shape, part) ? [def.shape[String(part)] as z.core.$ZodType] : [];
    if (def.type === 'record') return [def.valueType];
    if (def.type === 'array') return [def.element];
    if (def.type === 'tuple') return [def.items[Number(part)] ?? def.rest].filter((item) => item !== null && item !== undefined);
    return [];
  });
}

/** The keys that a mapping may have there; `undefined` where it may have any. */
export function keysOf(schemas: readonly z.core.$ZodType[]): string[] | undefined {
  const keys = new Set<string>();
  for (const branch of schemas.flatMap(branchesOf)) {
    const def = definitionOf(branch);
    if (def.type === 'record' || def.type === 'any' || def.type === 'unknown') return undefined;
    if (def.type !== 'object') continue;
    if (def.catchall !== undefined && definitionOf(def.catchall).type !== 'never') return undefined;
    for (const key of Object.keys(def.shape)) keys.add(key);
  }
  return [...keys];
}

/** Goes through a value and its schema side by side. */
export function walkSchema(schemas: readonly z.core.$ZodType[], node: ConfigNode, visitor: SchemaVisitor): void {
  if (schemas.length === 0 || node.kind === 'invalid') return;
  if (node.kind === 'scalar') {
    for (const kind of new Set(schemas.flatMap(branchesOf).map(kindOf))) if (kind !== undefined) visitor.scalar?.(kind, node);
    return;
  }
  if (node.kind === 'list') {
    for (const [i, item] of node.items.entries()) walkSchema(schemas.flatMap((schema) => childSchemas(schema, i)), item, visitor);
    return;
  }
  const known = keysOf(schemas);
  for (const entry of node.entries.values()) {
    const children = schemas.flatMap((schema) => childSchemas(schema, entry.key));
    if (children.length > 0) walkSchema(children, entry.value, visitor);
    else if (known !== undefined && known.length > 0) visitor.unknownKey?.(entry, known);
  }
}
