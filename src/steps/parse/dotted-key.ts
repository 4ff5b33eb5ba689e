import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { type FieldPath, getField, parsePath, setField, setOwn } from '../../record/path.ts';

/** Puts a value at a dotted key. A key that cannot nest, by its name or because a scalar is in its way, stays whole. */
export function putDotted(fields: JsonObject, key: string, value: JsonValue): void {
  const path = freePath(fields, key);
  if (path === undefined) setOwn(fields, key, value);
  else setField(fields, path, value);
}

/** As {@link putDotted}, but a key that repeats gets a list of its values. */
export function addDotted(fields: JsonObject, key: string, value: JsonValue): void {
  const path = freePath(fields, key);
  if (path === undefined) {
    addOwn(fields, key, value);
    return;
  }
  const earlier = getField(fields, path);
  if (Array.isArray(earlier)) earlier.push(value);
  else setField(fields, path, earlier === undefined ? value : [earlier, value]);
}

/** Sets a field whose name came from outside; one that repeats gets a list of its values. */
export function addOwn(fields: JsonObject, name: string, value: JsonValue): void {
  const earlier = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (Array.isArray(earlier)) earlier.push(value);
  else setOwn(fields, name, earlier === undefined ? value : [earlier, value]);
}

/** The path of a key with dots, where it can nest. */
function freePath(fields: JsonObject, key: string): FieldPath | undefined {
  const path = key.includes('.') ? parsePath(key) : undefined;
  return path !== undefined && isFree(fields, path) ? path : undefined;
}

function isFree(fields: JsonObject, path: FieldPath): boolean {
  let here: JsonObject = fields;
  for (let i = 0; i < path.length - 1; i += 1) {
    const level = path[i] as string;
    if (!Object.hasOwn(here, level)) return true;
    const next = here[level];
    if (!isJsonObject(next)) return false;
    here = next;
  }
  return true;
}
