import { isShallow } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import { MAX_VALUE_DEPTH } from '../bounds.ts';
import { jsonOf } from '../text.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

/** How a number is written that may be beyond what a number can hold, which JSON.parse takes for infinite. */
const VERY_LARGE = /[eE]\+?\d|\d{309}/;

function isWithinBounds(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).every((inner) => inner === undefined || isWithinBounds(inner))
  );
}

/** Functions of JSON texts. */
export const jsonFunctions: readonly ExpressionFunction[] = [
  {
    name: 'parse_json',
    summary:
      'The value that a JSON text holds; missing where it is no JSON, is nested more than 100 levels deep, or holds a number beyond 1.8e308.',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'any',
    example: { text: 'parse_json(\'{"a":[1,2]}\')', result: { a: [1, 2] } },
    call: (text: Argument) => {
      if (typeof text !== 'string') return undefined;
      try {
        const value = JSON.parse(text) as JsonValue;
        if (!isShallow(value, MAX_VALUE_DEPTH)) return undefined;
        return VERY_LARGE.test(text) && !isWithinBounds(value) ? undefined : value;
      } catch {
        return undefined;
      }
    },
  },
  {
    name: 'to_json',
    summary: 'The value as a JSON text.',
    parameters: [{ name: 'value', type: 'any' }],
    returns: 'string',
    example: { text: 'to_json({ a: 1 })', result: '{"a":1}' },
    call: (value: Argument) => jsonOf(value as JsonValue | undefined),
  },
];
