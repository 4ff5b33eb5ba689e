import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { ParseFailure } from './parser.ts';
import { queryStringParser } from './query-string.ts';

const read = (text: string, sure = false): unknown => {
  const result = queryStringParser(sure)(text, -1);
  return result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));
};

test.each<[string, unknown]>([
  ['q=two+words&page=2', { q: 'two words', page: '2' }],
  ['?q=two%20words', { q: 'two words' }],
  ['lang=en&lang=de', { lang: ['en', 'de'] }],
  ['wsdl&empty=', { wsdl: '', empty: '' }],
  ['a=b=c&&d', { a: 'b=c', d: '' }],
  ['name=caf%C3%A9&bad=%E9&odd=100%', { name: 'caf\u00e9', bad: '\uFFFD', odd: '100%' }],
  ['a.b=1&c[]=2', { 'a.b': '1', 'c[]': '2' }],
  ['', {}],
])('reads %s', (text, fields) => {
  expect(read(text)).toEqual(fields);
});

test.each<[string, boolean, RegExp]>([
  ['two words', false, /blank/],
  ['word', true, /no name=value/],
  ['&'.repeat(10_000), false, /more than 10000/],
])('refuses %.20s', (text, sure, reason) => {
  expect(read(text, sure)).toMatch(reason);
});

it('never reaches a prototype', () => {
  expect(JSON.stringify(queryStringParser(false)('__proto__=1&__proto__=2&toString=3', -1))).toBe(
    '{"__proto__":["1","2"],"toString":"3"}',
  );
});

it('reads back what was rendered', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 8 }), (pairs) => {
      expect(read(new URLSearchParams(pairs).toString())).toEqual(Object.fromEntries(pairs));
    }),
    { numRuns: 1000 },
  );
});
