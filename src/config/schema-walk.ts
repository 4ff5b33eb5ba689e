import type { z } from 'zod';
import { childrenOf, isListed, keysOf, kindsOf, type ScalarKind } from '../sdk/introspect.ts';
import type { ConfigNode, MapEntry, ScalarNode } from './node.ts';

export interface SchemaVisitor {
  /** A scalar for which the schema, or a branch of it, says what it is. */
  scalar?(kind: ScalarKind, node: ScalarNode): void;
  /** A key that none of the schemas of its mapping knows. */
  unknownKey?(entry: MapEntry, schemas: readonly z.core.$ZodType[], path: readonly PropertyKey[]): void;
}

/** Goes through a value and its schema side by side. `path`: where the value is. */
export function walkSchema(
  schemas: readonly z.core.$ZodType[],
  node: ConfigNode,
  visitor: SchemaVisitor,
  path: readonly PropertyKey[] = [],
): void {
  if (schemas.length === 0 || node.kind === 'invalid') return;
  if (node.kind === 'scalar') {
    // A word of a closed list is nothing else, also where another branch takes any text: `drop` where a topic may stand.
    if (isListed(schemas, node.value)) return;
    for (const kind of kindsOf(schemas)) visitor.scalar?.(kind, node);
    return;
  }
  if (node.kind === 'list') {
    for (const [i, item] of node.items.entries()) walkSchema(childrenOf(schemas, i), item, visitor, [...path, i]);
    return;
  }
  const known = keysOf(schemas);
  for (const entry of node.entries.values()) {
    const children = childrenOf(schemas, entry.key);
    if (children.length > 0) walkSchema(children, entry.value, visitor, [...path, entry.key]);
    else if (known !== undefined && known.length > 0) visitor.unknownKey?.(entry, schemas, path);
  }
}
