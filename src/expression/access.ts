import type { JsonObject, JsonValue } from '../record/json.ts';

/** What reads inside a value in the generated code. Own properties only: what is inherited cannot be reached. */

type Value = JsonValue | undefined;

/** Names that lead to an object's prototype. The compiler refuses them; a name that is computed is refused here. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Number.prototype, Boolean.prototype];
const INHERITED: ReadonlySet<string> = new Set(PROTOTYPES.flatMap((prototype) => Object.getOwnPropertyNames(prototype)));

/**
 * Whether a plain property read of `name` can give nothing but an object's own field, whatever JSON value it is read
 * from: no JSON value inherits the name, and it is no index into a text or a list. Such reads need no guard, which is
 * what makes field paths as fast as hand-written code.
 */
export function isSafeName(name: string): boolean {
  return !INHERITED.has(name) && !/^\d+$/.test(name);
}

/** The own field `name` of an object; `undefined` of everything else. For names that are not safe to read plainly. */
export function ownField(value: Value, name: string): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}

/** `value[key]` for a key that is computed: an element of a list by number, or a field of an object by name. */
export function at(value: Value, key: Value): Value {
  if (typeof key === 'number') return Array.isArray(value) ? value[key] : undefined;
  if (typeof key !== 'string' || FORBIDDEN_NAMES.has(key)) return undefined;
  return ownField(value, key);
}
