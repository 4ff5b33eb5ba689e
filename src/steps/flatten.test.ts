import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { runStep } from '../../test/support/run-step.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import { setField } from '../record/path.ts';
import { flatten } from './flatten.ts';

const run = (options: unknown, value: JsonObject): ReturnType<typeof runStep> => runStep(flatten, options, value);

describe('flatten', () => {
  const value = { a: { b: { c: 1, d: [{ e: 2 }] }, f: {} }, g: null };

  test.each<[unknown, unknown]>([
    [{}, { 'a.b.c': 1, 'a.b.d': [{ e: 2 }], 'a.f': {}, g: null }],
    [{ separator: '_' }, { a_b_c: 1, a_b_d: [{ e: 2 }], a_f: {}, g: null }],
    [{ depth: 1 }, { 'a.b': { c: 1, d: [{ e: 2 }] }, 'a.f': {}, g: null }],
    [{ field: 'a' }, { a: { 'b.c': 1, 'b.d': [{ e: 2 }], f: {} }, g: null }],
    [{ field: 'a.b' }, value],
    [{ field: 'g' }, value],
    [{ field: 'not.there' }, value],
  ])('%j', (options, expected) => {
    expect(run(options, structuredClone(value))).toEqual({ outcome: undefined, value: expected });
  });

  it('rejects a record of which two fields would get one name', () => {
    expect(run({ separator: '_' }, { a: { b: 1 }, a_b: 2 }).outcome).toMatchObject({
      code: 'FLATTEN_CONFLICT',
      message: expect.stringContaining('the name a_b') as string,
    });
  });

  it('leaves very deep values nested', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`) as JsonObject;
    const flat = run({}, deep).value as JsonObject;
    expect(Object.keys(flat)).toEqual([Array.from({ length: 101 }, () => 'a').join('.')]);
  });

  it('loses nothing, and leaves no object that has fields', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    const tree = fc.letrec<{ node: JsonObject }>((tie) => ({
      node: fc.dictionary(
        name,
        fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), tie('node')),
      ) as fc.Arbitrary<JsonObject>,
    })).node;
    fc.assert(
      fc.property(tree, (before) => {
        const flat = run({ separator: '/' }, structuredClone(before)).value as JsonObject;
        const again: JsonObject = {};
        for (const [path, field] of Object.entries(flat)) {
          expect(isJsonObject(field) ? Object.keys(field) : []).toEqual([]);
          setField(again, path.split('/'), field as JsonValue);
        }
        expect(again).toEqual(before);
      }),
    );
  });

  it('never reaches a prototype', () => {
    const odd = JSON.parse('{"__proto__":{"polluted":1,"__proto__":{}},"a":{"__proto__":2}}') as JsonObject;
    expect(JSON.stringify(run({}, odd).value)).toBe('{"__proto__.polluted":1,"__proto__.__proto__":{},"a.__proto__":2}');
    expect(JSON.stringify(run({}, JSON.parse('{"__proto__":7}') as JsonObject).value)).toBe('{"__proto__":7}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
