/** Any value that JSON can hold, as `JSON.parse` gives it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** A JSON object. A field may be absent, so reading one can give `undefined`. */
export interface JsonObject {
  [field: string]: JsonValue | undefined;
}

/** Whether `value` is a JSON object: not null, not a list, not a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON value that nobody may change. */
export type ReadonlyJsonValue = string | number | boolean | null | readonly ReadonlyJsonValue[] | ReadonlyJsonObject;

/** A JSON object that nobody may change. */
export interface ReadonlyJsonObject {
  readonly [field: string]: ReadonlyJsonValue | undefined;
}
