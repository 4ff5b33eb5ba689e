import type { JsonObject, JsonValue } from '../../record/json.ts';
import { type FieldPath, getField, setField, setOwn } from '../../record/path.ts';

/** Deeper values are not looked through. */
export const DEEPEST = 200;

/** What becomes of a text or a number; the same value where nothing. */
export type Change = (value: string | number) => string | number;

/** A value that is nested too deep to be looked through. */
export class TooDeep extends Error {}

/** Changes the text, or all texts below, of the field at `path`. */
export function changeField(value: JsonObject, path: FieldPath, change: Change): void {
  const before = getField(value, path);
  if (before === undefined) return;
  const after = changed(before, change, DEEPEST);
  if (after !== before) setField(value, path, after);
}

/** Changes all texts of an object, in place: also those in lists, and of all levels. Names of fields stay. Throws {@link TooDeep}. */
export function changeAll(object: JsonObject, change: Change, depth = DEEPEST): void {
  if (depth === 0) throw new TooDeep();
  for (const name of Object.keys(object)) {
    const before = object[name];
    if (before === undefined) continue;
    const after = changed(before, change, depth);
    if (after !== before) setOwn(object, name, after);
  }
}

function changed(value: JsonValue, change: Change, depth: number): JsonValue {
  if (typeof value === 'string' || typeof value === 'number') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    changeAll(value, change, depth - 1);
    return value;
  }
  if (depth === 0) throw new TooDeep();
  for (let i = 0; i < value.length; i += 1) value[i] = changed(value[i] as JsonValue, change, depth - 1);
  return value;
}
