import { expect, it } from 'vitest';
import { freezeDeep } from './freeze.ts';
import type { JsonValue } from './json.ts';

it('freezes objects and lists to their ends', () => {
  const value = freezeDeep({ a: { b: [{ c: 1 }] } });
  expect(() => {
    (value.a.b[0] as { c: number }).c = 2;
  }).toThrow(/read only/);
  expect(() => value.a.b.push({ c: 2 })).toThrow(/not extensible/);
});

it('takes values that are nested ten thousand levels deep', () => {
  let value: JsonValue = 1;
  for (let level = 0; level < 10_000; level += 1) value = [value];
  expect(Object.isFrozen(freezeDeep(value))).toBe(true);
});

it('leaves what is no object as it is', () => {
  expect([freezeDeep('text'), freezeDeep(null), freezeDeep(1)]).toEqual(['text', null, 1]);
});
