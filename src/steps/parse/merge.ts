import { isJsonObject, type JsonObject } from '../../record/json.ts';
import { setOwn } from '../../record/path.ts';

/**
 * Fills what `target` lacks from `from`, level by level; fields that `target` has win. `leftOut` is a field of the top
 * that is not taken. The parsed object is the target and the record's envelope is what fills it, not the other way
 * round: it spares a `delete` of the parsed field, and objects that fields are deleted from are slow from then on.
 */
export function fillFrom(target: JsonObject, from: JsonObject, leftOut?: string): void {
  for (const name of Object.keys(from)) {
    if (name === leftOut) continue;
    const value = from[name];
    if (value === undefined) continue;
    // Asked for as an own field: `__proto__` in data would otherwise find the prototype of all objects.
    const existing = Object.hasOwn(target, name) ? target[name] : undefined;
    if (existing === undefined) setOwn(target, name, value);
    else if (isJsonObject(existing) && isJsonObject(value)) fillFrom(existing, value);
  }
}
