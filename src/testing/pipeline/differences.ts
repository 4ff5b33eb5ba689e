import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';

/** Where a value is not what was expected. */
export interface Difference {
  /** The path of the field; empty: the value itself. */
  readonly path: string;
  /** Undefined: it should not be there. */
  readonly expected: JsonValue | undefined;
  /** Undefined: it is missing. */
  readonly actual: JsonValue | undefined;
}

/**
 * How a value differs from what is expected. `partial`: fields that are not expected are not looked at. A name with dots in the
 * expected value is a path (`url.path`), unless the actual value has a field of just that name.
 */
export function differencesOf(expected: JsonValue, actual: JsonValue, partial: boolean): Difference[] {
  const found: Difference[] = [];
  compare(expected, actual, { path: '', partial, found });
  return found;
}

interface Place {
  readonly path: string;
  readonly partial: boolean;
  readonly found: Difference[];
}

function compare(expected: JsonValue, actual: JsonValue, place: Place): void {
  if (isJsonObject(expected) && isJsonObject(actual)) compareObjects(withPaths(expected, actual), actual, place);
  else if (Array.isArray(expected) && Array.isArray(actual)) compareLists(expected, actual, place);
  else if (!Object.is(expected, actual) && !(expected === 0 && actual === 0))
    place.found.push({ path: place.path, expected, actual });
}

function compareObjects(expected: JsonObject, actual: JsonObject, place: Place): void {
  for (const [name, value] of Object.entries(expected)) {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    if (Object.hasOwn(actual, name)) compare(value as JsonValue, actual[name] as JsonValue, { ...place, path });
    else place.found.push({ path, expected: value as JsonValue, actual: undefined });
  }
  if (place.partial) return;
  for (const [name, value] of Object.entries(actual)) {
    if (Object.hasOwn(expected, name)) continue;
    place.found.push({
      path: place.path === '' ? name : `${place.path}.${name}`,
      expected: undefined,
      actual: value as JsonValue,
    });
  }
}

function compareLists(expected: readonly JsonValue[], actual: readonly JsonValue[], place: Place): void {
  for (let i = 0; i < Math.max(expected.length, actual.length); i += 1) {
    const path = `${place.path}[${i}]`;
    if (i >= actual.length) place.found.push({ path, expected: expected[i], actual: undefined });
    else if (i >= expected.length) place.found.push({ path, expected: undefined, actual: actual[i] });
    else compare(expected[i] as JsonValue, actual[i] as JsonValue, { ...place, path });
  }
}

/** Names with dots become objects in objects, as records have them. */
function withPaths(expected: JsonObject, actual: JsonObject): JsonObject {
  if (!Object.keys(expected).some((name) => name.includes('.'))) return expected;
  let result: JsonObject = {};
  for (const [name, value] of Object.entries(expected)) {
    const levels = Object.hasOwn(actual, name) ? [name] : name.split('.');
    result = merged(result, nested(levels, value as JsonValue));
  }
  return result;
}

function nested(levels: readonly string[], value: JsonValue): JsonObject {
  return levels.reduceRight<JsonValue>((inner, level) => ({ [level]: inner }), value) as JsonObject;
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = result[name];
    result[name] = isJsonObject(before) && isJsonObject(value) ? merged(before, value) : (value as JsonValue);
  }
  return result;
}
