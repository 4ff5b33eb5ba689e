import { isShallow } from '../../record/copy.ts';
import type { JsonValue } from '../../record/json.ts';
import { MAX_VALUE_DEPTH } from '../bounds.ts';
import { jsonOf } from '../text.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

/** Functions of JSON texts. */
export const jsonFunctions: readonly ExpressionFunction[] = [
  {
    name: 'parse_json',
    summary: 'The value that a JSON text holds; missing where it is no JSON or is nested more than 100 levels deep.',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'any',
    example: { text: 'parse_json(\'{"a":[1,2]}\')', result: { a: [1, 2] } },
    call: (text: Argument) => {
      if (typeof text !== 'string') return undefined;
      try {
        const value = JSON.parse(text) as JsonValue;
        return isShallow(value, MAX_VALUE_DEPTH) ? value : undefined;
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
