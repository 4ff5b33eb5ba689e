import { isShallow } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';

/** UTF-16 code units of a value (a text, or anything else as JSON) that an aggregate keeps; what is larger is left out. */
export const MAX_KEPT = 65_536;

/** What aggregates that keep values take, for messages. */
export const KEEPS = `values of at most ${MAX_KEPT} characters`;

/** Levels of nesting of a value: what is deeper is left out. */
export const MAX_LEVELS = 100;

const SCALAR_SIZE = 8;

/** The size of a value in UTF-16 code units, as far as it matters for a bound; beyond all bounds where it is nested too deeply. */
export function sizeOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return SCALAR_SIZE;
  return isShallow(value, MAX_LEVELS) ? JSON.stringify(value).length : Number.POSITIVE_INFINITY;
}

/**
 * What stands for a value in a set or map: equal values have equal keys. Scalars stand for themselves, so that nothing is made
 * for them; lists and objects are taken as they are written as JSON, the order of fields included.
 */
export type Key = string | number | boolean;

/** Begins the keys of what is no scalar, and of texts that begin with it themselves. */
const MARK = '\u0000';

export function keyFor(value: JsonValue): Key {
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}${JSON.stringify(value)}` : value;
  return typeof value === 'object' ? `${MARK}${JSON.stringify(value)}` : value;
}

/** The value that a key stands for. */
export function valueFor(key: Key): JsonValue {
  return typeof key === 'string' && key.startsWith(MARK) ? (JSON.parse(key.slice(MARK.length)) as JsonValue) : key;
}

/** A text that is different for different keys. */
export function textFor(key: Key): string {
  return typeof key === 'string' ? key : `${MARK}${key}`;
}

/** Reads a stored key; throws where it is none. */
export function storedKey(stored: JsonValue | undefined): Key {
  if (typeof stored === 'string' || typeof stored === 'number' || typeof stored === 'boolean') return stored;
  throw new Error('stored aggregates: expected a scalar');
}
