import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { getField } from '../../record/path.ts';
import { KeptFields } from './kept-fields.ts';

const names = fc.constantFrom('a', 'b', 'c', '@timestamp', '__proto__');
const paths = fc.array(fc.array(names, { minLength: 1, maxLength: 3 }), { maxLength: 5 });

/** As JSON makes them: `__proto__` is a field like others. */
const values = fc
  .object({ key: names, maxDepth: 3, values: [fc.integer(), fc.string(), fc.constant(null), fc.constant([1, { a: 2 }])] })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

/** All that can be reached by plain names. */
function leaves(value: JsonValue | undefined, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  const entries = Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

describe('the part of a record that is kept', () => {
  it('has what is at the paths, and nothing else', () => {
    fc.assert(
      fc.property(values, paths, (value, wanted) => {
        const before = JSON.stringify(value);
        const part = KeptFields.of(wanted)?.partOf(value) as JsonObject;
        expect(JSON.stringify(value)).toBe(before);
        for (const path of wanted) expect(getField(part, path)).toEqual(getField(value, path));
        for (const leaf of leaves(part)) {
          if (leaf.length === 0) continue;
          const isWanted = wanted.some((path) => path.every((name, i) => i >= leaf.length || name === leaf[i]));
          expect(isWanted, `${leaf.join('.')} of ${before}`).toBe(true);
        }
        expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
      }),
    );
  });

  it('is all of it where all of it may be asked for', () => {
    expect(KeptFields.of([['a'], []])).toBeUndefined();
    expect(KeptFields.of([])?.partOf({ a: 1 })).toEqual({});
  });

  it('keeps what is no object where one was expected', () => {
    expect(
      KeptFields.of([
        ['a', 'length'],
        ['b', 'c'],
      ])?.partOf({ a: [1, 2], b: 'text', d: 1 }),
    ).toEqual({ a: [1, 2], b: 'text' });
  });
});
