import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from './json.ts';
import { deleteField, getField, parsePath, setField, setOwn } from './path.ts';

const name = fc.stringMatching(/^[a-z@_][a-z0-9_]{0,6}$/).filter((level) => parsePath(level) !== undefined);
const path = fc.array(name, { minLength: 1, maxLength: 4 });
const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>;

describe('paths', () => {
  it.each(['', '.', 'a.', '.a', 'a..b', '__proto__', 'a.constructor', 'prototype.x'])('refuses %j', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });

  it('reads, sets and deletes what it names, and nothing else', () => {
    fc.assert(
      fc.property(fc.dictionary(name, json), path, (value, at) => {
        const object = structuredClone(value) as JsonObject;
        setField(object, at, 'set');
        expect(getField(object, at)).toBe('set');
        expect(deleteField(object, at)).toBe('set');
        expect(getField(object, at)).toBeUndefined();
        for (const other of Object.keys(value)) if (other !== at[0]) expect(object[other]).toEqual(value[other]);
      }),
    );
  });

  it('never reads or writes what an object inherits', () => {
    const value = JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject;
    expect(getField(value, ['toString'])).toBeUndefined();
    expect(getField({}, ['hasOwnProperty', 'name'])).toBeUndefined();
    expect(deleteField({}, ['toString'])).toBeUndefined();
    setField(value, ['toString', 'x'], 1);
    expect(Object.hasOwn(value, 'toString')).toBe(true);
    setOwn(value, '__proto__', 'plain');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(new Map(Object.entries(value)).get('__proto__')).toBe('plain');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('puts an object in the place of what is none on the way', () => {
    const value: JsonObject = { a: [1], b: 'text' };
    setField(value, ['a', 'x'], 1);
    setField(value, ['b', 'y', 'z'], 2);
    expect(value).toEqual({ a: { x: 1 }, b: { y: { z: 2 } } });
  });
});
