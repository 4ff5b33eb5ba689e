import { describe, expect, test } from 'vitest';
import { parseLogfmt } from './logfmt.ts';
import { ParseFailure } from './parser.ts';

describe('logfmt', () => {
  test.each<[string, string, unknown]>([
    ['pairs', 'level=info status=200 dur=1.5ms', { level: 'info', status: '200', dur: '1.5ms' }],
    ['quoted values', 'msg="all is well" at="a \\"b\\" \\\\ \\n\\t\\u00e9 \\x"', { msg: 'all is well', at: 'a "b" \\ \n\té x' }],
    ['empty values', 'a= b="" c=1', { a: '', b: '', c: '1' }],
    ['a key alone', 'cached a=1', { cached: true, a: '1' }],
    ['equals signs in a value', 'q=a=b', { q: 'a=b' }],
    ['dots in keys', 'http.status=200 http.method=GET', { http: { status: '200', method: 'GET' } }],
    ['a scalar in the way of dots', 'a=1 a.b=2', { a: '1', 'a.b': '2' }],
    ['dots without names', 'a..b=1 .=2', { 'a..b': '1', '.': '2' }],
    ['equal keys', 'a=1 a=2', { a: '2' }],
    ['blanks', '  a=1 \t b=2  ', { a: '1', b: '2' }],
  ])('reads %s', (_name, text, expected) => {
    expect(parseLogfmt(text)).toEqual(expected);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /no key=value/],
    ['prose', 'the server has started', /no key=value/],
    ['an open quote', 'a="b c', /quote at column 3 does not end/],
    ['an open quote behind a backslash', 'a="b\\"', /quote at column 3 does not end/],
    ['no key', 'a=1 =2', /at column 5 a key/],
    ['a quoted key', '"a"=1', /at column 1 a key/],
  ])('rejects %s', (_name, text, reason) => {
    const result = parseLogfmt(text);
    expect(result).toBeInstanceOf(ParseFailure);
    expect((result as ParseFailure).reason).toMatch(reason);
  });

  test('a key __proto__ is an ordinary field', () => {
    const fields = parseLogfmt('__proto__=1 __proto__.polluted=2 constructor.prototype.polluted=3');
    expect(JSON.stringify(fields)).toBe('{"__proto__":"1","__proto__.polluted":"2","constructor.prototype.polluted":"3"}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
