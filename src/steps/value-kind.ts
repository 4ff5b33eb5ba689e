import type { JsonValue } from '../record/json.ts';

/** A text is shown up to here in messages. */
const SHOWN = 60;

/** A value for a message: a number or the beginning of a text as it is, of anything else its kind. */
export function shown(value: JsonValue): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value) : kindOf(value);
}

/** What a value is, in words for messages: its kind, never its content, which has no bound. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'number' ? 'a number' : 'a boolean';
}
