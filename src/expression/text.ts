import type { JsonValue } from '../record/json.ts';
import { MAX_TEXT } from './bounds.ts';

/** A text that an expression made, or `undefined` where it is longer than one may be. */
export function bounded(text: string): string | undefined {
  return text.length <= MAX_TEXT ? text : undefined;
}

/** A value as text: scalars as they are written, lists and objects as JSON; `undefined` for what is missing or null. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

/** A value as JSON; `undefined` where it is missing, too long, or nested deeper than the stack allows. */
export function jsonOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return bounded(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** What a template puts in place of `{{ }}` that stands among other text: nothing for what is missing or null. */
export function interpolated(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : (textOf(value) ?? '');
}

/** The parts of an address put together; `undefined` where one of them is missing. */
export function urlOf(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : bounded(parts.join(''));
}

/**
 * What an address gets in place of `{{ }}`: one part of a path, or of a query, and never more. `undefined` where it is missing or
 * empty, or would lead to another path (`.`, `..`).
 */
export function urlPart(value: JsonValue | undefined): string | undefined {
  const text = textOf(value);
  if (text === undefined || text === '' || text === '.' || text === '..') return undefined;
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a surrogate pair is no text that an address can hold.
    return undefined;
  }
}
