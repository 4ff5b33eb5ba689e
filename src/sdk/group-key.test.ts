import { expect, it, test } from 'vitest';
import { groupKey } from './group-key.ts';

test.each([
  [['a'], 'a'],
  [[1], '1'],
  [[true], 'true'],
  [[null], 'null'],
  [[undefined], 'null'],
  [[['a', 1]], '["a",1]'],
  [['a', 1, undefined], '["a",1,null]'],
])('%j is the key %s', (values, key) => {
  expect(groupKey(values)).toBe(key);
});

it('is no key where there is nothing to group by', () => {
  expect(groupKey([])).toBeNull();
});
