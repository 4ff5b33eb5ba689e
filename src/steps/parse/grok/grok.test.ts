import { describe, expect, it, test } from 'vitest';
import { ParseFailure } from '../parser.ts';
import { type GrokOptions, grokParser } from './grok.ts';

const parse = (pattern: string | readonly string[], text: string, options: Omit<GrokOptions, 'patterns'> = {}): unknown => {
  const result = grokParser({ patterns: typeof pattern === 'string' ? [pattern] : pattern, ...options })(text, -1);
  return result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));
};

describe('fields', () => {
  test.each<[string, string, string, unknown]>([
    ['a name', '%{WORD:a}', 'x', { a: 'x' }],
    ['a dotted name', '%{WORD:a.b.c}', 'x', { a: { b: { c: 'x' } } }],
    ['brackets', '%{WORD:[a][b]} %{WORD:[a][c]}', 'x y', { a: { b: 'x', c: 'y' } }],
    ['dots in brackets', '%{WORD:[a.b][c]}', 'x', { a: { b: { c: 'x' } } }],
    ['a named group', '(?<a>\\d+)-(?<[b][c]>\\w+)', '12-z', { a: '12', b: { c: 'z' } }],
    ['a group named with quotes', "(?'a'\\d+)", '12', { a: '12' }],
    ['a reference back', '(?<a>\\w)\\k<a>(?<b>\\w)', 'xxy', { a: 'x', b: 'y' }],
    ['a field that repeats', '%{WORD:a} %{INT:a:int} %{WORD:a}', 'x 1 y', { a: ['x', 1, 'y'] }],
    ['a field that repeats, of which one is there', '(?:%{INT:a:int}|%{WORD:a})', 'x', { a: 'x' }],
    ['nothing captured', '%{DATA:a}%{WORD:b}(?<c>x)?', 'y', { b: 'y' }],
    ['no field for groups without a name', '(%{WORD:a}) (x|y)', 'b x', { a: 'b' }],
    ['a group inside a named group', '(?<a>%{WORD:b} %{WORD:c})', 'x y', { a: 'x y', b: 'x', c: 'y' }],
    ['alternatives inside a reference', '%{CISCO_ACTION:a} x', 'denied by ACL x', { a: 'denied by ACL' }],
    ['a remark', '%{WORD - of the user:a}', 'x', { a: 'x' }],
  ])('%s', (_name, pattern, text, expected) => {
    expect(parse(pattern, text)).toEqual(expected);
  });

  test.each<[string, string, unknown]>([
    ['int', '12', 12],
    ['integer', '-12', -12],
    ['long', '12.9', 12],
    ['long', '9007199254740993', '9007199254740993'],
    ['float', '1.5', 1.5],
    ['double', '.5e3', 500],
    ['boolean', 'True', true],
    ['boolean', 'false', false],
    ['string', '12', '12'],
  ])('converts to %s: %s', (type, text, expected) => {
    expect(parse(`%{NOTSPACE:a:${type}}`, text)).toEqual({ a: expected });
  });

  it('rejects what is no value of the type, and names the field', () => {
    expect(parse('%{NOTSPACE:a.b:int}', '12x')).toBe('what the pattern captures for a.b is no int');
    expect(parse('%{NOTSPACE:a:boolean}', 'yes')).toMatch(/a is no boolean/);
  });
});

describe('expressions', () => {
  test.each<[string, string, string, unknown]>([
    ['. matches line ends', 'a%{GREEDYDATA:x}', 'ab\nc', { x: 'b\nc' }],
    ['^ and $ match at each line', '^%{INT:x}$', 'a\n12\nb', { x: '12' }],
    ['\\A and \\z do not', '\\A(?<x>.)(?<y>.*)\\z', '1\n2', { x: '1', y: '\n2' }],
    ['\\Z allows a line end', '(?<x>\\w+)\\Z', 'ab\n', { x: 'ab' }],
    ['an atomic group', '(?>(?<x>a+))(?<y>b)', 'aab', { x: 'aa', y: 'b' }],
    ['a possessive repetition', '(?<x>\\w++)-', 'ab-', { x: 'ab' }],
    ['a POSIX class', '(?<x>[[:alpha:]_]+)', '12äb_3', { x: 'äb_' }],
    ['\\h', '(?<x>\\h+)', 'xyz0af', { x: '0af' }],
    ['flags inside', '(?i)(?<x>abc) (?-i)(?<y>D)', 'AbC D', { x: 'AbC', y: 'D' }],
    ['a flag for a group', '(?<x>(?i:abc)d)', 'ABCd', { x: 'ABCd' }],
    ['a comment', '(?<x>a)(?# one)(?<y>b)', 'ab', { x: 'a', y: 'b' }],
    ['free spacing', '(?x) (?<x> a ) # the first\n (?<y> b )', 'ab', { x: 'a', y: 'b' }],
    ['an intersection of classes', '(?<x>[a-z&&[^b]]+)', 'bac', { x: 'ac' }],
    ['a doubled repetition', 'a.?*(?<x>b)', 'axxb', { x: 'b' }],
    ['looking ahead and behind', '(?<=a)(?<x>.)(?=c)', 'abc', { x: 'b' }],
    ['a library pattern between what is no JavaScript', '\\A%{IP:x}\\z', '::1', { x: '::1' }],
    ['%{ as characters', '%\\{(?<x>\\w+)}', '%{ab}', { x: 'ab' }],
  ])('%s', (_name, pattern, text, expected) => {
    expect(parse(pattern, text)).toEqual(expected);
  });

  it('never captures an atomic group by itself', () => {
    expect(parse('(?>a|ab)(?<x>c)?(?>(?<y>d))', 'acd')).toEqual({ x: 'c', y: 'd' });
  });
});

describe('definitions and lists', () => {
  const pattern_definitions = { TICKET: '%{PROJECT:project}-%{INT:number:int}', PROJECT: '[A-Z]+', INT: '[0-9]{3}' };

  it('takes patterns of the user, which may refer to each other and replace those of the library', () => {
    expect(parse('%{TICKET:id}', 'see OPS-1234', { pattern_definitions })).toEqual({
      id: 'OPS-123',
      project: 'OPS',
      number: 123,
    });
  });

  it('takes the first pattern that matches', () => {
    const patterns = ['%{IP:ip}', '%{INT:number:int}', '%{WORD:word}'];
    expect(parse(patterns, '10.0.0.1')).toEqual({ ip: '10.0.0.1' });
    expect(parse(patterns, '12')).toEqual({ number: 12 });
    expect(parse(patterns, '--')).toBe('none of the 3 patterns matches');
  });

  it('goes on to the next pattern where a value cannot be converted', () => {
    expect(parse(['%{NOTSPACE:a:int}', '%{NOTSPACE:a}'], 'x')).toEqual({ a: 'x' });
  });

  it('names fields by ECS unless told otherwise', () => {
    const line = '10.0.0.1 - ann [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8 \\"x\\""';
    expect(parse('%{COMBINEDAPACHELOG}', line)).toEqual({
      source: { address: '10.0.0.1' },
      user: { name: 'ann' },
      timestamp: '17/May/2015:10:05:03 +0000',
      http: { request: { method: 'GET' }, version: '1.1', response: { status_code: 200, body: { bytes: 5 } } },
      url: { original: '/a' },
      user_agent: { original: 'curl/8 \\"x\\"' },
    });
    expect(parse('%{COMBINEDAPACHELOG}', line, { ecs: false })).toMatchObject({
      clientip: '10.0.0.1',
      response: '200',
      ident: '-',
    });
  });
});

describe('failures', () => {
  it('says how far the pattern matches', () => {
    expect(parse('%{IP:ip} %{WORD:verb} %{INT:bytes:int} %{GREEDYDATA:rest}', '10.0.0.1 GET many x')).toBe(
      'the pattern matches as far as %{IP:ip} %{WORD:verb} , and then the text is not %{INT:bytes:int}',
    );
    expect(
      parse(
        '%{IP:ip} user=%{NOTSPACE:user.name} group=%{NOTSPACE:user.group.name} %{INT:bytes:int}',
        '10.0.0.1 user=a group=b x',
      ),
    ).toBe(
      'the pattern matches as far as ...%{NOTSPACE:user.name} group=%{NOTSPACE:user.group.name} , and then the text is not %{INT:bytes:int}',
    );
    expect(parse('%{IP:ip} %{WORD:verb}', 'x')).toBe('the pattern does not match');
    expect(parse('%{IP:ip}|%{INT:n} x', 'y')).toBe('the pattern does not match');
  });

  it('gives up what takes too long, and is as good as before afterwards', () => {
    const parser = grokParser({ patterns: ['%{DATA:a} %{DATA:b} %{DATA:c} %{DATA:d} %{DATA:e} %{DATA:f} %{INT:g}$'] });
    const begin = performance.now();
    const slow = parser('a '.repeat(2000), -1);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(slow).toMatchObject({ reason: expect.stringMatching(/took longer than 500 ms.*NOTSPACE/) as string });
    expect(JSON.parse(JSON.stringify(parser('1 2 3 4 5 6 7', -1)))).toEqual({
      a: '1',
      b: '2',
      c: '3',
      d: '4',
      e: '5',
      f: '6',
      g: '7',
    });
  });

  it('rejects a text that is too long', () => {
    expect(parse('%{WORD:a} %{WORD:b}', 'x'.repeat(2_000_000))).toMatch(/longer than 1048576 characters/);
  });

  it('never reaches a prototype', () => {
    expect(() => grokParser({ patterns: ['%{WORD:__proto__.x}'] })).toThrow(/cannot capture into "__proto__.x"/);
    expect(() => grokParser({ patterns: ['(?<[constructor][x]>a)'] })).toThrow(/cannot capture/);
  });
});
