import { expect, test } from 'vitest';
import type { JsonValue } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import { compileTemplate, defaultScope } from './index.ts';

function render(text: string): JsonValue | undefined {
  const result = compileTemplate(text, defaultScope);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('; '));
  const record = new StreamRecord();
  record.value = { url: { domain: 'x.org' }, status: 503, nothing: null, tags: ['a'], ok: true };
  return result.evaluate(record);
}

test.each<[string, JsonValue | undefined]>([
  ['', ''],
  ['plain', 'plain'],
  ['logs-{{ url.domain }}-x', 'logs-x.org-x'],
  ['{{url.domain}}{{ status }}', 'x.org503'],
  ['{{ status }}', 503],
  ['{{ tags }}', ['a']],
  [' {{ status }}', ' 503'],
  ['{{ ok }}/{{ tags }}', 'true/["a"]'],
  ['{{ missing }}', undefined],
  ['{{ nothing }}', null],
  ['a{{ missing }}b{{ nothing }}', 'ab'],
  ["logs-{{ missing ?? 'unknown' }}", 'logs-unknown'],
  ["{{ '}}' }}", '}}'],
  ["{{ '{{' }}{{ status }}", '{{503'],
  ['{{ { a: { b: 1 }} }}', { a: { b: 1 } }],
  ["{{ replace('a}}b', /[}]{2}/, '-') }}", 'a-b'],
  ['{{ (status) }}', 503],
  ['\\{{ x }}', '{{ x }}'],
  ['\\{{ {{ status }}', '{{ 503'],
  ['C:\\\\{{ url.domain }}', 'C:\\x.org'],
  ['a } b }} c { d', 'a } b }} c { d'],
])('%s', (text, expected) => {
  expect(render(text)).toEqual(expected);
});

test('text without an expression is a constant', () => {
  const plain = compileTemplate('plain', defaultScope);
  expect(plain.ok && plain.constant).toEqual({ value: 'plain' });
  const filled = compileTemplate('a{{ b }}', defaultScope);
  expect(filled.ok && [filled.constant, filled.fields]).toEqual([undefined, [['b']]]);
});

test.each<[string, [number, number, string][]]>([
  ['a {{ b', [[2, 2, 'EXPRESSION_UNTERMINATED']]],
  ['{{ }}', [[2, 1, 'EXPRESSION_SYNTAX']]],
  ['{{}}', [[2, 0, 'EXPRESSION_SYNTAX']]],
  [
    'x {{ }} y {{ b c }} z {{ d == 1 }}',
    [
      [4, 1, 'EXPRESSION_SYNTAX'],
      [15, 1, 'EXPRESSION_SYNTAX'],
      [27, 2, 'EXPRESSION_UNSUPPORTED'],
    ],
  ],
  [
    "{{ 'abc }} {{ nope() }}",
    [
      [3, 5, 'EXPRESSION_SYNTAX'],
      [14, 4, 'EXPRESSION_UNKNOWN_FUNCTION'],
    ],
  ],
  [`{{ ${'a'.repeat(10_001)} }}`, [[2, 10_005, 'EXPRESSION_TOO_LARGE']]],
  ['a'.repeat(65_537), [[0, 65_537, 'EXPRESSION_TOO_LARGE']]],
])('problems of %s stand where they are', (text, expected) => {
  const result = compileTemplate(text, defaultScope);
  expect(result.ok ? [] : result.errors.map(({ offset, length, code }) => [offset, length, code])).toEqual(expected);
});

test('a text cannot grow without a bound', () => {
  const result = compileTemplate('{{ a }}'.repeat(100), defaultScope);
  const record = new StreamRecord();
  record.value = { a: 'x'.repeat(20_000) };
  expect(result.ok && result.evaluate(record)).toBeUndefined();
});
