import type { JsonValue } from '../../record/json.ts';

/** UTF-16 code units of a value (a text, or anything else as JSON) that an aggregate keeps; what is larger is left out. */
export const MAX_KEPT = 65_536;

/** What aggregates that keep values take, for messages. */
export const KEEPS = `values of at most ${MAX_KEPT} characters`;

/** The size of a value in UTF-16 code units, as far as it matters for a bound. */
export function sizeOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8;
}

/**
 * A text that stands for a value: equal values have equal texts. Lists and objects are taken as they are written as JSON, the
 * order of fields included.
 */
export function textFor(value: JsonValue): string {
  if (typeof value === 'string') return `"${value}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The value that a text of `textFor` stands for. */
export function valueFor(text: string): JsonValue {
  return text.startsWith('"') ? text.slice(1) : (JSON.parse(text) as JsonValue);
}
