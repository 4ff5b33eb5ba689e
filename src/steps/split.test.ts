import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { recordOf, runStep, stepContext } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import type { StepOutcome } from '../sdk/step.ts';
import { split } from './split.ts';

const run = (options: unknown, value: JsonObject): StepOutcome | undefined =>
  split.create(split.options.parse(options), stepContext('split'))(recordOf(value));

/** The values that a record is split into. */
function valuesOf(options: unknown, value: JsonObject): unknown[] {
  const outcome = run(options, value);
  return outcome?.kind === 'split' ? [...outcome.values] : [outcome];
}

describe('split', () => {
  it('puts each item in the place of the list, with a copy of the rest', () => {
    expect(valuesOf({ field: 'a.items' }, { a: { items: [1, { x: 2 }], b: 'c' }, d: [3] })).toEqual([
      { a: { items: 1, b: 'c' }, d: [3] },
      { a: { items: { x: 2 }, b: 'c' }, d: [3] },
    ]);
  });

  it('puts it elsewhere with into, and takes the list off', () => {
    expect(valuesOf({ field: 'a.items', into: 'item' }, { a: { items: ['x', 'y'] } })).toEqual([
      { a: {}, item: 'x' },
      { a: {}, item: 'y' },
    ]);
  });

  it('merges objects into the record, where they win', () => {
    const value = { Records: [{ id: 1, host: { name: 'in' } }, { id: 2 }], id: 0, host: { name: 'out', ip: '::1' } };
    expect(valuesOf({ field: 'Records', merge: true }, value)).toEqual([
      { id: 1, host: { name: 'in', ip: '::1' } },
      { id: 2, host: { name: 'out', ip: '::1' } },
    ]);
  });

  it('splits a text by its separator, without what is empty', () => {
    expect(valuesOf({ field: 'message', separator: '\n' }, { message: '\na\n\nb\n', n: 1 })).toEqual([
      { message: 'a', n: 1 },
      { message: 'b', n: 1 },
    ]);
    expect(valuesOf({ field: 'message', separator: ', ' }, { message: 'alone' })).toEqual([{ message: 'alone' }]);
  });

  it('shares nothing between the parts', () => {
    const [first, second] = valuesOf({ field: 'a' }, { a: [1, 2], b: { c: [{}] } }) as [JsonObject, JsonObject];
    Object.assign((first['b'] as { c: JsonObject[] }).c[0] ?? {}, { changed: true });
    expect(second).toEqual({ a: 2, b: { c: [{}] } });
  });

  test.each<[string, unknown, JsonObject, unknown]>([
    ['an empty list stays', { field: 'a' }, { a: [] }, undefined],
    ['an empty list is dropped', { field: 'a', on_empty: 'drop' }, { a: [] }, { kind: 'dropped' }],
    ['an empty list is rejected', { field: 'a', on_empty: 'reject' }, { a: [] }, { code: 'SPLIT_EMPTY' }],
    ['a text of separators is empty', { field: 'a', separator: ',', on_empty: 'drop' }, { a: ',,' }, { kind: 'dropped' }],
    ['no field', { field: 'a' }, { b: 1 }, { code: 'SPLIT_FIELD_MISSING' }],
    ['no field, skipped', { field: 'a', on_missing: 'skip' }, { b: 1 }, undefined],
    ['an inherited field', { field: 'toString' }, {}, { code: 'SPLIT_FIELD_MISSING' }],
    ['a text without separator', { field: 'a' }, { a: 'x' }, { code: 'SPLIT_NOT_A_LIST' }],
    ['a number', { field: 'a', separator: ',' }, { a: 1 }, { code: 'SPLIT_NOT_A_LIST' }],
    ['null', { field: 'a' }, { a: null }, { code: 'SPLIT_NOT_A_LIST' }],
    ['too many parts', { field: 'a', max_parts: 2 }, { a: [1, 2, 3] }, { code: 'SPLIT_TOO_MANY' }],
    ['no object to merge', { field: 'a', merge: true }, { a: [{}, 1] }, { code: 'SPLIT_ITEM_NO_OBJECT' }],
  ])('%s', (_name, options, value, expected) => {
    if (expected === undefined) expect(runStep(split, options, value)).toEqual({ outcome: undefined, value });
    else expect(run(options, value)).toMatchObject(expected as object);
  });

  it('refuses more copies of the rest than memory is meant for, and only those', () => {
    const list = Array.from({ length: 1_000 }, (_, i) => i);
    expect(run({ field: 'list' }, { list, rest: 'x'.repeat(17_000) })).toMatchObject({ code: 'SPLIT_TOO_LARGE' });
    expect(run({ field: 'list' }, { list, rest: Array.from({ length: 17_000 }, () => 1) })).toMatchObject({
      code: 'SPLIT_TOO_LARGE',
    });
    expect(valuesOf({ field: 'list' }, { list, rest: 'x'.repeat(15_000) })).toHaveLength(1_000);
    expect(valuesOf({ field: 'list' }, { list: ['x'.repeat(20_000_000)], rest: 'y' })).toHaveLength(1);
  });

  it('takes one place for the part only', () => {
    expect(split.options.safeParse({ field: 'a', into: 'b', merge: true }).success).toBe(false);
    expect(split.options.safeParse({ field: '__proto__.x' }).success).toBe(false);
  });

  it('keeps every item once and in order, and the rest of any record, whatever it holds', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>;
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 20 }), fc.dictionary(fc.string(), json), (items, rest) => {
        const value = JSON.parse(JSON.stringify({ ...rest, list: items })) as JsonObject;
        const wanted = (value['list'] as unknown[]).map((item) => JSON.stringify({ ...value, list: item }));
        const before = JSON.parse(JSON.stringify(value)) as JsonObject;
        expect(valuesOf({ field: 'list' }, before).map((each) => JSON.stringify(each))).toEqual(wanted);
      }),
    );
  });

  it('never reaches a prototype', () => {
    const value = JSON.parse('{"list":[{"__proto__":{"polluted":1}},{}],"__proto__":{"polluted":2}}') as JsonObject;
    const merged = valuesOf({ field: 'list', merge: true }, value);
    expect(JSON.stringify(merged)).toBe('[{"__proto__":{"polluted":1}},{"__proto__":{"polluted":2}}]');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
