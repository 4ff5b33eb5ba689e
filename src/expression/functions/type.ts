import type { JsonValue } from '../../record/json.ts';
import { oneOf, textOf as typeOfTexts, without } from '../../sdk/types/index.ts';
import { textOf } from '../text.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

const VALUE = { name: 'value', type: 'any' } as const;

/** Functions that ask what a value is, or that make a text of it. */
export const typeFunctions: readonly ExpressionFunction[] = [
  {
    name: 'string',
    summary: 'The value as text: scalars as they are written, lists and objects as JSON; missing for what is missing or null.',
    parameters: [VALUE],
    returns: 'string',
    example: { text: 'string(404)', result: '404' },
    call: (value: Argument) => textOf(value as JsonValue | undefined),
  },
  {
    name: 'is_null',
    summary: 'Whether the value is null or missing.',
    parameters: [VALUE],
    returns: 'boolean',
    example: { text: 'is_null(null)', result: true },
    call: (value: Argument) => value === undefined || value === null,
  },
  {
    name: 'exists',
    summary: 'Whether the field is there at all, be it null.',
    parameters: [VALUE],
    returns: 'boolean',
    example: { text: 'exists(null)', result: true },
    call: (value: Argument) => value !== undefined,
  },
  {
    name: 'type_of',
    summary: "What the value is: 'string', 'number', 'boolean', 'null', 'array', 'object' or 'missing'.",
    parameters: [VALUE],
    returns: 'string',
    yields: () => typeOfTexts('string', 'number', 'boolean', 'null', 'array', 'object', 'missing'),
    example: { text: 'type_of([1, 2])', result: 'array' },
    call: (value: Argument) => {
      if (value === undefined) return 'missing';
      if (value === null) return 'null';
      return Array.isArray(value) ? 'array' : typeof value;
    },
  },
  {
    name: 'coalesce',
    summary: 'The first of the values that is neither missing nor null; of two, `a ?? b` is shorter.',
    parameters: [{ name: 'values', type: 'any', rest: true }],
    returns: 'any',
    yields: (given) => oneOf(...given.map((type) => without(type, 'null'))),
    example: { text: "coalesce(null, 'b', 'c')", result: 'b' },
    call: (...values: Argument[]) => values.find((value) => value !== undefined && value !== null) as JsonValue | undefined,
  },
];
