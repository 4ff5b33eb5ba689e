import type { JsonValue } from '../record/json.ts';
import { MAX_TEXT } from './bounds.ts';

/**
 * The operators of the language, as the generated code calls them. They differ from JavaScript's in that nothing is
 * converted silently: what makes no sense gives `undefined` (arithmetic) or `false` (comparison), never NaN, Infinity
 * or a comparison of `'10'` with `9`.
 */

type Value = JsonValue | undefined;

/** NaN and the infinities cannot be stored as JSON: there is no such number. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** The sum of two numbers, or a text joined with a text, number or boolean; else `undefined`. */
export function add(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return finite(a + b);
  if (typeof a === 'string' ? isScalar(b) : typeof b === 'string' && isScalar(a)) {
    const text = `${a as string}${b as string}`;
    return text.length <= MAX_TEXT ? text : undefined;
  }
  return undefined;
}

function isScalar(value: Value): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function subtract(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' ? finite(a - b) : undefined;
}

export function multiply(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' ? finite(a * b) : undefined;
}

/** The quotient; `undefined` where `b` is 0. */
export function divide(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' ? finite(a / b) : undefined;
}

/** The remainder, with the sign of `a` as in JavaScript; `undefined` where `b` is 0. */
export function remainder(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' ? finite(a % b) : undefined;
}

export function power(a: Value, b: Value): Value {
  return typeof a === 'number' && typeof b === 'number' ? finite(a ** b) : undefined;
}

export function negate(a: Value): Value {
  return typeof a === 'number' ? -a : undefined;
}

/** Orders compare numbers with numbers and texts with texts (by UTF-16 code units); anything else is `false`. */
export function less(a: Value, b: Value): boolean {
  if (typeof a === 'number') return typeof b === 'number' && a < b;
  return typeof a === 'string' && typeof b === 'string' && a < b;
}

export function lessOrEqual(a: Value, b: Value): boolean {
  if (typeof a === 'number') return typeof b === 'number' && a <= b;
  return typeof a === 'string' && typeof b === 'string' && a <= b;
}

/** Equality without conversion. What is missing equals nothing, not even another missing field. */
export function equal(a: Value, b: Value): boolean {
  return a !== undefined && a === b;
}

/** `x in y`: an element of a list, a part of a text, or the name of an own field of an object. */
export function isIn(x: Value, y: Value): boolean {
  if (x === undefined) return false;
  if (Array.isArray(y)) return y.includes(x);
  if (typeof x !== 'string') return false;
  if (typeof y === 'string') return y.includes(x);
  return typeof y === 'object' && y !== null && Object.hasOwn(y, x);
}

/** An element of a list literal or a field of an object literal: JSON has no missing value, so it becomes null. */
export function orNull(value: Value): JsonValue {
  return value === undefined ? null : value;
}
