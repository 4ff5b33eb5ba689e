import { z } from 'zod';

/** What a scalar of a schema of `millrace/sdk` is, from the schema's metadata. */
export type ScalarKind =
  | 'duration'
  | 'size'
  | 'field'
  | 'expression'
  | 'aggregate'
  | 'match'
  | 'template'
  | 'url'
  | 'map'
  | 'secret'
  | 'path'
  | 'path_pattern'
  | 'topic';

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

/** What a value may be, by all the schemas that may apply to it. */
export function kindsOf(schemas: readonly z.core.$ZodType[]): ReadonlySet<ScalarKind> {
  return new Set(
    schemas
      .flatMap(branchesOf)
      .map(kindOf)
      .filter((kind) => kind !== undefined),
  );
}

/** Whether one of the schemas that may apply to a value is a closed list with that value in it. */
export function isListed(schemas: readonly z.core.$ZodType[], value: unknown): boolean {
  return schemas.flatMap(branchesOf).some((branch) => {
    const def = definitionOf(branch);
    return def.type === 'enum' && Object.values(def.entries).includes(value as string);
  });
}

/** The schemas of a key or an item, of all the schemas that may apply to the whole. */
export function childrenOf(schemas: readonly z.core.$ZodType[], part: PropertyKey): z.core.$ZodType[] {
  return schemas.flatMap((schema) => childSchemas(schema, part));
}

function childSchemas(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
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
