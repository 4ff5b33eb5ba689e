import { expect, test } from 'vitest';
import type { JsonValue } from '../record/json.ts';
import { type RecordType, typeLines, typeText } from '../sdk/types/index.ts';
import { typeOfJsonSchema } from './json-schema-type.ts';

function shown(schema: JsonValue): string | undefined {
  const type = typeOfJsonSchema(schema);
  return type && typeText(type);
}

test.each<[string, JsonValue, string | undefined]>([
  ['an object, open unless it says otherwise', { type: 'object', properties: { a: { type: 'string' } } }, '{ a?: string, ... }'],
  [
    'required fields, and no others',
    { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false },
    '{ a: number }',
  ],
  ['other fields of a type', { type: 'object', additionalProperties: { type: 'boolean' } }, '{ ...: boolean }'],
  ['names by a pattern', { type: 'object', patternProperties: { '^x': {} }, additionalProperties: false }, '{ ... }'],
  ['properties without a type', { properties: { a: { type: 'null' } } }, '{ a?: null, ... }'],
  ['several types', { type: ['string', 'null'] }, 'string | null'],
  ['texts', { enum: ['a', 'b', null] }, "'a' | 'b' | null"],
  ['one text', { const: 'a' }, "'a'"],
  ['a list', { type: 'array', items: { type: 'string' } }, '[string]'],
  ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }] }, '[any]'],
  ['alternatives', { oneOf: [{ type: 'string' }, { type: 'number' }] }, 'string | number'],
  ['a reference', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, 'string'],
  ['a reference to itself', { type: 'array', items: { $ref: '#' } }, '[[any]]'],
  ['a reference to another file', { $ref: 'other.json#/a' }, 'any'],
  ['a reference to nothing', { $ref: '#/no/such' }, 'any'],
  ['what is not understood', { not: { type: 'string' } }, 'any'],
  ['an unknown type', { type: 'date' }, 'any'],
  ['no schema', ['string'], undefined],
])('%s', (_name, schema, type) => {
  expect(shown(schema)).toBe(type);
});

test('references that lead through each other many times cost no more than each once', () => {
  const defs = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => {
      const next = { $ref: `#/$defs/d${i + 1}` };
      return [`d${i}`, { type: 'object', properties: { a: next, b: next } }];
    }),
  );
  const type = typeOfJsonSchema({ $ref: '#/$defs/d0', $defs: { ...defs, d60: { type: 'string' } } });
  expect(type?.object?.fields.size).toBe(2);
  expect(typeText(type as RecordType).length).toBeLessThan(100_000);
  expect(typeLines(type as RecordType).length).toBeLessThan(10_000);
});
