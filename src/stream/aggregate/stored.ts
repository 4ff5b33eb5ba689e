import type { JsonValue } from '../../record/json.ts';

/** Reading stored state: what is not of the expected form throws. */

function refuse(stored: JsonValue | undefined, wanted: string): never {
  throw new Error(`stored aggregates: expected ${wanted}, found ${JSON.stringify(stored)?.slice(0, 100)}`);
}

export function storedNumber(stored: JsonValue | undefined): number {
  return typeof stored === 'number' ? stored : refuse(stored, 'a number');
}

/** A whole number that is not negative. */
export function storedCount(stored: JsonValue | undefined): number {
  return typeof stored === 'number' && Number.isSafeInteger(stored) && stored >= 0 ? stored : refuse(stored, 'a count');
}

/** A number that overflowed is stored as null (JSON has no infinity) and stays beyond all numbers. */
export function storedFinite(stored: JsonValue | undefined): number {
  return stored === null ? Number.NaN : storedNumber(stored);
}

/** A list, of `length` items where that is given. */
export function storedList(stored: JsonValue | undefined, length?: number): JsonValue[] {
  const fits = Array.isArray(stored) && (length === undefined || stored.length === length);
  return fits ? stored : refuse(stored, length === undefined ? 'a list' : `a list of ${length}`);
}

export function storedValue(stored: JsonValue | undefined): JsonValue {
  return stored === undefined ? refuse(stored, 'a value') : stored;
}
