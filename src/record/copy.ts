import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './path.ts';

/** A copy that shares nothing with the value. Throws a RangeError for one that is nested thousands of levels deep. */
export function copyOf<Value extends JsonValue>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  return (Array.isArray(value) ? value.map(copyOf) : copyOfObject(value)) as Value;
}

function copyOfObject(object: JsonObject): JsonObject {
  // Spreading keeps the shape of the object and copies `__proto__` as a field, like any other.
  const copy: JsonObject = { ...object };
  for (const name of Object.keys(copy)) {
    const field = copy[name];
    if (typeof field === 'object' && field !== null) setOwn(copy, name, copyOf(field));
  }
  return copy;
}

/** Whether a value is nested at most `depth` levels deep. */
export function isShallow(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const name in value) {
    if (!isShallow((value as JsonObject)[name], depth - 1)) return false;
  }
  return true;
}
