import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type KeyValueOptions, keyValueParser } from './key-value.ts';
import { ParseFailure } from './parser.ts';

const DEFAULTS: KeyValueOptions = { pairs: undefined, values: '=', trim: '', prefix: '', sure: false };
const read = (text: string, options: Partial<KeyValueOptions> = {}): unknown => {
  const result = keyValueParser({ ...DEFAULTS, ...options })(text, -1);
  return result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));
};

describe('pairs', () => {
  test.each<[string, string, unknown]>([
    [
      'a firewall',
      'date=2017-05-03 devname="FG 600B" srcip=10.0.0.1 msg="blocked, as told"',
      { date: '2017-05-03', devname: 'FG 600B', srcip: '10.0.0.1', msg: 'blocked, as told' },
    ],
    ['apostrophes', "user='ann b' x=1", { user: 'ann b', x: '1' }],
    ['an apostrophe inside', "user='O'Brien' x=1", { user: "O'Brien", x: '1' }],
    ['escaped quotes', 'a="say \\"hi\\"" b=2', { a: 'say "hi"', b: '2' }],
    ['paths of Windows', 'a="C:\\temp\\new" b=2', { a: 'C:\\temp\\new', b: '2' }],
    ['a quote that does not end', 'a="x b=2', { a: '"x', b: '2' }],
    ['an empty value', 'a= b="" c=3', { a: '', b: '', c: '3' }],
    ['an equals sign in a value', 'url=/x?y=1 b=2', { url: '/x?y=1', b: '2' }],
    ['blanks around the separator', 'a = 1 b = "x y"', { a: '1', b: 'x y' }],
    ['words that are no pairs', 'deny a=1 cached b=2', { a: '1', b: '2' }],
    ['dots, which nest', 'src.ip=1.2.3.4 src.port=5', { src: { ip: '1.2.3.4', port: '5' } }],
    ['a scalar in the way', 'src=a src.ip=b', { src: 'a', 'src.ip': 'b' }],
    ['keys that repeat', 'a=1 a=2 b.c=1 b.c=2 b.c=3', { a: ['1', '2'], b: { c: ['1', '2', '3'] } }],
    ['no key', '=1 a=2', { a: '2' }],
  ])('reads %s', (_name, text, fields) => {
    expect(read(text)).toEqual(fields);
  });

  test.each<[string, string, Partial<KeyValueOptions>, unknown]>([
    ['other separators', 'a:1;b:two words; c : 3', { pairs: ';', values: ':' }, { a: '1', b: 'two words', c: '3' }],
    ['quoted separators', 'a:"1;2";b:3', { pairs: ';', values: ':' }, { a: '1;2', b: '3' }],
    ['long separators', 'a=>1 b=>2', { values: '=>' }, { a: '1', b: '2' }],
    ['empty pairs', '|a=1||b=2|', { pairs: '|' }, { a: '1', b: '2' }],
    ['trimmed characters', '<a>=[1] (b)=(2', { trim: '<>[]()' }, { a: '1', b: '2' }],
    ['a prefix', 'a=1', { prefix: 'fw_' }, { fw_a: '1' }],
    ['a prefix that nests', 'a=1 b=2', { prefix: 'fw.' }, { fw: { a: '1', b: '2' } }],
  ])('reads %s', (_name, text, options, fields) => {
    expect(read(text, options)).toEqual(fields);
  });

  it('never reaches a prototype', () => {
    expect(JSON.stringify(keyValueParser(DEFAULTS)('__proto__=1 __proto__.x=2 constructor.prototype.y=3', -1))).toBe(
      '{"__proto__":"1","__proto__.x":"2","constructor.prototype.y":"3"}',
    );
    expect(({} as Record<string, unknown>)['y']).toBeUndefined();
  });

  test.each<[string, string, boolean, RegExp]>([
    ['prose', 'the server has started', false, /no pair/],
    ['nothing', '', false, /no pair/],
    ['words first, where other formats follow', 'deny a=1', true, /does not begin with a pair/],
  ])('refuses %s', (_name, text, sure, reason) => {
    expect(read(text, { sure })).toMatch(reason);
  });
});

it('reads back what was rendered', () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);
  const value = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '=', ';', '"', '\\', "'", '\u00e9'), maxLength: 12 });
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true }), (pairs) => {
      const quote = (text: string): string => `"${text.replaceAll(/["\\']/g, '\\$&')}"`;
      const text = Object.entries(pairs).map(([name, content]) => `${name}=${quote(content)}`);
      expect(read(text.join(' '))).toEqual(pairs);
      expect(read(text.join('; '), { pairs: ';' })).toEqual(pairs);
    }),
    { numRuns: 1000 },
  );
});
