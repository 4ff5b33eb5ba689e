import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** A path into a record's value, one entry a level: `http.response.status_code` is three. */
export type FieldPath = readonly string[];

/** Names that lead to an object's prototype; no path may hold one. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a dotted path such as `log.file.path` or `@timestamp`. Returns `undefined` where it is none: an empty level, or
 * a name that leads to a prototype (`__proto__`, `constructor`, `prototype`).
 */
export function parsePath(text: string): FieldPath | undefined {
  const levels = text.split('.');
  return levels.every((level) => level !== '' && !FORBIDDEN.has(level)) ? levels : undefined;
}

/** The value at `path`, or `undefined` where any level is missing or no object. */
export function getField(value: JsonObject, path: FieldPath): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const level of path) {
    if (!isJsonObject(here) || !Object.hasOwn(here, level)) return undefined;
    here = here[level];
  }
  return here;
}

/** Sets the value at `path`, making the objects on the way; what is no object on the way is replaced by one. */
export function setField(value: JsonObject, path: FieldPath, to: JsonValue): void {
  const last = path.length - 1;
  let here = value;
  for (let i = 0; i < last; i += 1) {
    const level = path[i] as string;
    const next = Object.hasOwn(here, level) ? here[level] : undefined;
    if (isJsonObject(next)) {
      here = next;
    } else {
      const made: JsonObject = {};
      here[level] = made;
      here = made;
    }
  }
  here[path[last] as string] = to;
}

/** Deletes the field at `path`. Objects left empty stay. Returns what was there. */
export function deleteField(value: JsonObject, path: FieldPath): JsonValue | undefined {
  const last = path.length - 1;
  const parent = last === 0 ? value : getField(value, path.slice(0, last));
  if (!isJsonObject(parent)) return undefined;
  const name = path[last] as string;
  if (!Object.hasOwn(parent, name)) return undefined;
  const was = parent[name];
  delete parent[name];
  return was;
}

/**
 * Sets a field whose name came from outside. Plain assignment of `__proto__` would change the object's prototype; this
 * makes it an ordinary field, as `JSON.parse` does.
 */
export function setOwn(target: JsonObject, name: string, to: JsonValue): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value: to, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = to;
  }
}
