import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './path.ts';

/** A copy that shares nothing with the value. Throws a RangeError for one that is nested thousands of levels deep. */
export function copyOf<Value extends JsonValue>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  return (Array.isArray(value) ? value.map(copyOf) : copyOfObject(value)) as Value;
}

function copyOfObject(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) {
    const field = object[name];
    if (field !== undefined) setOwn(copy, name, copyOf(field));
  }
  return copy;
}
