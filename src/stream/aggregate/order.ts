import type { JsonValue } from '../../record/json.ts';

/** What has an order: numbers and texts. */
export type Ordered = number | string;

export function isOrdered(value: JsonValue): value is Ordered {
  return typeof value === 'number' || typeof value === 'string';
}

/** Whether `a` stands before `b`: the lesser number, or the lesser text by UTF-16 code units. A number stands before any text. */
export function isBelow(a: Ordered, b: Ordered): boolean {
  return typeof a === typeof b ? a < b : typeof a === 'number';
}

/** Whether `a` stands after `b`, from above: the greater number or text. Here too a number stands before any text. */
export function isAbove(a: Ordered, b: Ordered): boolean {
  return typeof a === typeof b ? a > b : typeof a === 'number';
}

/** Which of two values is the one that an aggregate looks for. */
export type Prefers = (a: Ordered, b: Ordered) => boolean;
