import type { JsonObject, JsonValue } from '../../record/json.ts';
import { ANY, listOf, STRING } from '../../sdk/types/index.ts';
import { MAX_LIST } from '../bounds.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

const LIST = { name: 'list', type: 'array' } as const;
const OBJECT = { name: 'object', type: 'object' } as const;

function isObject(value: Argument): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Functions of lists and objects. */
export const listFunctions: readonly ExpressionFunction[] = [
  {
    name: 'first',
    summary: 'The first element of the list; missing where it is empty.',
    parameters: [LIST],
    returns: 'any',
    yields: ([list]) => list?.list ?? ANY,
    example: { text: 'first([5, 6, 7])', result: 5 },
    call: (list: Argument) => (Array.isArray(list) ? list[0] : undefined),
  },
  {
    name: 'last',
    summary: 'The last element of the list; missing where it is empty.',
    parameters: [LIST],
    returns: 'any',
    yields: ([list]) => list?.list ?? ANY,
    example: { text: 'last([5, 6, 7])', result: 7 },
    call: (list: Argument) => (Array.isArray(list) ? list[list.length - 1] : undefined),
  },
  {
    name: 'includes',
    summary: 'Whether the list has the scalar as an element; false where it is no list. The same as `value in list`.',
    parameters: [LIST, { name: 'value', type: 'any' }],
    returns: 'boolean',
    example: { text: "includes(['web', 'db'], 'db')", result: true },
    call: (list: Argument, value: Argument) => Array.isArray(list) && value !== undefined && list.includes(value as JsonValue),
  },
  {
    name: 'keys',
    summary: 'The names of the fields of the object, as a list; missing where there are more than 10,000.',
    parameters: [OBJECT],
    returns: 'array',
    yields: () => listOf(STRING),
    example: { text: "keys({ env: 'prod', site: 'a' })", result: ['env', 'site'] },
    call: (object: Argument) => (isObject(object) ? boundedList(Object.keys(object)) : undefined),
  },
  {
    name: 'values',
    summary: 'The values of the fields of the object, as a list; missing where there are more than 10,000.',
    parameters: [OBJECT],
    returns: 'array',
    example: { text: "values({ env: 'prod', site: 'a' })", result: ['prod', 'a'] },
    call: (object: Argument) =>
      isObject(object) ? boundedList(Object.values(object).filter((value) => value !== undefined)) : undefined,
  },
];

function boundedList(list: JsonValue[]): JsonValue[] | undefined {
  return list.length <= MAX_LIST ? list : undefined;
}
