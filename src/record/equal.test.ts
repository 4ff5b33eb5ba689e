import { expect, it } from 'vitest';
import { isEqualJson } from './equal.ts';
import type { JsonValue } from './json.ts';

it.each<[JsonValue, JsonValue, boolean]>([
  [1, 1, true],
  [0, -0, true],
  [1, '1', false],
  [null, false, false],
  [null, {}, false],
  [{}, null, false],
  [[], {}, false],
  [{}, [], false],
  [[1, [2]], [1, [2]], true],
  [[1, 2], [2, 1], false],
  [[1], [1, null], false],
  [{ a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [JSON.parse('{"toString":1}'), JSON.parse('{"__proto__":1}'), false],
  [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'), true],
])('%j and %j: %s', (a, b, same) => {
  expect(isEqualJson(a, b)).toBe(same);
});
