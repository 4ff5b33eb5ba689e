import { expect, it, test } from 'vitest';
import { recordOf } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import { compileUrl } from './compile-url.ts';
import { defaultScope } from './scope.ts';

function urlFor(text: string, value: JsonObject): unknown {
  const result = compileUrl(text, defaultScope);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join());
  return result.evaluate(recordOf(value));
}

test.each([
  ['http://h/x', {}, 'http://h/x'],
  ['http://h/{{ a }}/{{ b.c }}?q={{ a }}', { a: 'x y', b: { c: 7 } }, 'http://h/x%20y/7?q=x%20y'],
  ['http://h/{{ a }}', { a: '../b?c#d&e=%2e' }, 'http://h/..%2Fb%3Fc%23d%26e%3D%252e'],
  ['http://h/{{ a }}', { a: ['x', 1] }, 'http://h/%5B%22x%22%2C1%5D'],
  ['http://h/{{ a }}', { a: false }, 'http://h/false'],
  ['http://h/{{ a }}', {}, undefined],
  ['http://h/{{ a }}', { a: null }, undefined],
  ['http://h/{{ a }}', { a: '' }, undefined],
  ['http://h/{{ a }}', { a: '.' }, undefined],
  ['http://h/{{ a }}', { a: '..' }, undefined],
  ['http://h/{{ a }}', { a: '\udc00' }, undefined],
  ["http://h/{{ a ?? 'none' }}", {}, 'http://h/none'],
])('%s with %j is %s', (text, value, url) => {
  expect(urlFor(text, value)).toBe(url);
});

it('says what is wrong with an expression, and where', () => {
  const result = compileUrl('http://h/{{ a === }}', defaultScope);
  expect(result.ok ? [] : result.errors.map(({ offset }) => offset >= 12)).toEqual([true]);
  expect(compileUrl(`http://h/${'x'.repeat(200_000)}`, defaultScope)).toMatchObject({ ok: false });
});
