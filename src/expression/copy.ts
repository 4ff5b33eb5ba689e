import type { JsonObject, JsonValue } from '../record/json.ts';
import { setOwn } from '../record/path.ts';
import { MAX_VALUE_DEPTH, MAX_VALUE_NODES } from './bounds.ts';

/**
 * A value of its own for the field that it is assigned to: without it `a = b` would make one object of both, so that
 * a change of `a.x` would show in `b.x`. `undefined` where the value is larger than an expression may make, which also
 * ends the doubling of `a.b = a` repeated.
 */
export function ownCopy(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value;
  const budget = { nodes: MAX_VALUE_NODES };
  return copyWithin(value, budget, MAX_VALUE_DEPTH);
}

function copyWithin(value: JsonValue, budget: { nodes: number }, depth: number): JsonValue | undefined {
  budget.nodes -= 1;
  if (budget.nodes < 0 || depth < 0) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? copyList(value, budget, depth) : copyObject(value, budget, depth);
}

function copyList(list: readonly JsonValue[], budget: { nodes: number }, depth: number): JsonValue[] | undefined {
  const copy: JsonValue[] = [];
  for (const element of list) {
    const own = copyWithin(element, budget, depth - 1);
    if (own === undefined) return undefined;
    copy.push(own);
  }
  return copy;
}

function copyObject(object: JsonObject, budget: { nodes: number }, depth: number): JsonObject | undefined {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) {
    const field = object[name];
    if (field === undefined) continue;
    const own = copyWithin(field, budget, depth - 1);
    if (own === undefined) return undefined;
    setOwn(copy, name, own);
  }
  return copy;
}
