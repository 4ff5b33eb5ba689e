import { describe, expect, it, test } from 'vitest';
import { parseJson } from './json.ts';
import { ParseFailure } from './parser.ts';

const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;

describe('json', () => {
  test.each<[string, string, unknown]>([
    ['an object', '{"a":{"b":[1,2.5,null,true]}}', { a: { b: [1, 2.5, null, true] } }],
    ['blanks around', ' \t\r\n{"a":1}\n', { a: 1 }],
    ['an empty object', '{}', {}],
    ['escapes', '{"a":"\\u00e9\\n"}', { a: 'é\n' }],
    [
      'many brackets that do not nest',
      `{"a":[${Array.from({ length: 300 }, () => '{}').join()}]}`,
      { a: Array.from({ length: 300 }, () => ({})) },
    ],
  ])('reads %s', (_name, text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /does not begin with "{"/],
    ['a list', '[1]', /does not begin with "{"/],
    ['a scalar', '"text"', /does not begin with "{"/],
    ['a cut line', '{"a":1', /JSON/],
    ['two objects', '{} {}', /JSON/],
    ['NaN', '{"a":NaN}', /JSON/],
  ])('rejects %s', (_name, text, reason) => {
    const result = parseJson(text);
    expect(result).toBeInstanceOf(ParseFailure);
    expect((result as ParseFailure).reason).toMatch(reason);
  });

  it('takes 100 levels and rejects 101, and 100,000', () => {
    expect(parseJson(nested(100))).not.toBeInstanceOf(ParseFailure);
    expect(parseJson(nested(101))).toEqual(new ParseFailure('it nests deeper than 100 levels'));
    expect(parseJson(nested(100_000))).toBeInstanceOf(ParseFailure);
    expect(parseJson(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toBeInstanceOf(ParseFailure);
  });

  it('keeps the reason short, whatever the text', () => {
    expect((parseJson(`{"a":${'x'.repeat(100_000)}`) as ParseFailure).reason.length).toBeLessThan(200);
  });
});
