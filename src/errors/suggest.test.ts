import { expect, test } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

test('counts insertions, deletions, replacements and swaps of neighbours as one each', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('lenght', 'length')).toBe(1);
  expect(editDistance('same', 'same')).toBe(0);
});

test('suggests the nearest name, whatever its case and separators', () => {
  const names = ['starts_with', 'ends_with', 'length', 'lower'];
  expect(suggest('lenght', names)).toBe('length');
  expect(suggest('startsWith', names)).toBe('starts_with');
  expect(suggest('lwer', names)).toBe('lower');
});

test('suggests nothing where no name is near, and never the name itself', () => {
  expect(suggest('quantile', ['lower', 'upper'])).toBeUndefined();
  expect(suggest('x', ['lower'])).toBeUndefined();
  expect(suggest('a'.repeat(1000), ['a'.repeat(999)])).toBeUndefined();
  expect(suggest('lower', ['lower'])).toBeUndefined();
});
