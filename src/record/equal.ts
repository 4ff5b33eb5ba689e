import type { JsonObject, JsonValue } from './json.ts';

/** Whether two values are the same JSON: lists item by item, objects whatever the order of their fields. A field that is undefined is none. */
export function isEqualJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && areEqualLists(a, b);
  return areEqualObjects(a, b);
}

function areEqualLists(a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  return a.length === b.length && a.every((item, i) => isEqualJson(item, b[i] as JsonValue));
}

function areEqualObjects(a: JsonObject, b: JsonObject): boolean {
  const names = namesOf(a);
  if (names.length !== namesOf(b).length) return false;
  return names.every((name) => {
    const other = Object.hasOwn(b, name) ? b[name] : undefined;
    return other !== undefined && isEqualJson(a[name] as JsonValue, other);
  });
}

function namesOf(object: JsonObject): string[] {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}
