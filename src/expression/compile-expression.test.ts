import { describe, expect, test } from 'vitest';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders } from '../record/headers.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import { CompiledOption } from '../sdk/option.ts';
import { ANY, objectOf, STRING } from '../sdk/types/index.ts';
import { bindOption, compileExpression, defaultScope, type ExpressionProblem, scopeWith } from './index.ts';

const VALUE: JsonObject = {
  '@timestamp': '2015-05-17T10:05:03Z',
  http: { response: { status_code: 503 } },
  tags: ['a', 'b'],
  url: { domain: 'x.org' },
  length: 4,
  nothing: null,
  text: '600',
  'user-agent': 'curl',
};

function record(value: JsonObject = VALUE): StreamRecord {
  const builder = new BatchBuilder(['access.raw']);
  builder.begin(0, 3, 1000);
  builder.offset(42);
  builder.key('k1');
  builder.headers(encodeHeaders([{ name: 'trace', value: 't9' }]));
  const made = new StreamRecord();
  made.moveTo(builder.batch(), 0, value);
  return made;
}

function evaluate(text: string, value: JsonObject = VALUE): JsonValue | undefined {
  const result = compileExpression(text, defaultScope);
  if (!result.ok) throw new Error(`${text}: ${result.errors.map(({ message }) => message).join('; ')}`);
  return result.evaluate(record(value));
}

function problems(text: string): readonly ExpressionProblem[] {
  const result = compileExpression(text, defaultScope);
  return result.ok ? [] : result.errors;
}

describe('values', () => {
  test.each<[string, JsonValue | undefined]>([
    ['http.response.status_code', 503],
    ['@timestamp', '2015-05-17T10:05:03Z'],
    ["$value['@timestamp']", '2015-05-17T10:05:03Z'],
    ["$value['user-agent']", 'curl'],
    ['a.b.c.d', undefined],
    ['nothing', null],
    ['nothing.below', undefined],
    ['(null).x', undefined],
    ['text.x.y', undefined],
    ['tags[0]', 'a'],
    ['tags[9]', undefined],
    ['tags[tags[0]]', undefined],
    ["http['response']['status_code']", 503],
    ["http['res' + 'ponse'].status_code", 503],
    ['length', 4],
    ['tags.length', undefined],
    ['text.length', undefined],
    ['text[0]', undefined],
    ["$value['0']", undefined],
    ['toString', undefined],
    ['http.valueOf', undefined],
    ['tags.map', undefined],
    ['tags["0"]', undefined],
    ['package.version', undefined],
    ['[1, missing, "x"]', [1, null, 'x']],
    ["{ a: 1, 'b-c': missing }", { a: 1, 'b-c': null }],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('metadata', () => {
    expect(evaluate('[$topic, $partition, $offset, $key, $time]')).toEqual(['access.raw', 3, 42, 'k1', 1_431_857_103_000]);
    expect(evaluate("$headers['trace'] + $headers.trace")).toBe('t9t9');
    expect(evaluate("$headers['none']")).toBeUndefined();
    expect(evaluate('$time', {})).toBe(1000);
    expect(evaluate('$time', { '@timestamp': 'soon' })).toBeUndefined();
    expect(evaluate('$time', { '@timestamp': 77 })).toBe(77);
    expect(evaluate('to_json($value)', { a: 1 })).toBe('{"a":1}');
  });
});

describe('operators', () => {
  test.each<[string, JsonValue | undefined]>([
    ['http.response.status_code >= 500', true],
    ['missing >= 0', false],
    ['missing < 0', false],
    ['nothing >= 0', false],
    ['text > 500', false],
    ['int(text) > 500', true],
    ["'b' > 'a'", true],
    ['500 < http.response.status_code', true],
    ['tags > 1', false],
    ['a < b', false],
    ['a === b', false],
    ['a !== b', true],
    ['nothing === null', true],
    ['missing === null', false],
    ["missing !== 'x'", true],
    ["url.domain === 'x.org' && !missing", true],
    ['1 + 2 * 3 ** 2 - 4 / 2 % 3', 17],
    ['1 / 0', undefined],
    ['5 % 0', undefined],
    ['missing + 1', undefined],
    ['nothing + 1', undefined],
    ["'a' + 1 + true", 'a1true'],
    ["missing + 'a'", undefined],
    ['text * 2', undefined],
    ['1e308 * 10', undefined],
    ['-length', -4],
    ['-text', undefined],
    ["missing ?? 'd'", 'd'],
    ["nothing ?? 'd'", 'd'],
    ["missing || 'd'", 'd'],
    ['missing && 1', undefined],
    ["length > 3 ? 'long' : 'short'", 'long'],
    ["'a' in tags", true],
    ["'z' in tags", false],
    ["'org' in url.domain", true],
    ["'domain' in url", true],
    ["'toString' in url", false],
    ['length in [3, 4]', true],
    ['missing in [1, null]', false],
    ['nothing in [1, null]', true],
    ['length in [missing, 2 * 2]', true],
    ['missing in tags', false],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('a text cannot grow without a bound', () => {
    const doubled = Array.from({ length: 200 }, () => 'text').join('+');
    expect(evaluate(doubled, { text: 'x'.repeat(10_000) })).toBeUndefined();
    expect(evaluate("replace(text, '', 'x')", { text: 'abc' })).toBe('abc');
    expect(evaluate("replace(text, 'a', text)", { text: 'a'.repeat(5000) })).toBeUndefined();
    expect(evaluate('replace(text, /a/, text)', { text: 'a'.repeat(5000) })).toBeUndefined();
  });
});

describe('problems', () => {
  test.each<[string, string, number, number, RegExp, string?]>([
    ['', 'EXPRESSION_SYNTAX', 0, 0, /is missing here/],
    ['x == 1', 'EXPRESSION_UNSUPPORTED', 2, 2, /write ===/, '==='],
    ['x != 1', 'EXPRESSION_UNSUPPORTED', 2, 2, /write !==/, '!=='],
    ['x = 1', 'EXPRESSION_UNSUPPORTED', 2, 1, /write === to compare/, '==='],
    ['a and b', 'EXPRESSION_SYNTAX', 2, 3, /write && in place of `and`/, '&&'],
    ['a or b', 'EXPRESSION_SYNTAX', 2, 2, /write \|\|/, '||'],
    ['not a', 'EXPRESSION_SYNTAX', 0, 3, /write ! in place of `not`/, '!'],
    ['x like y', 'EXPRESSION_SYNTAX', 2, 4, /matches\(text/],
    ['a <> b', 'EXPRESSION_SYNTAX', 2, 2, /write !==/, '!=='],
    ['<> b', 'EXPRESSION_SYNTAX', 0, 1, /not expected/],
    ['a =~ /x/', 'EXPRESSION_UNSUPPORTED', 2, 2, /write matches/],
    ['(a', 'EXPRESSION_SYNTAX', 2, 0, /bracket is closed/],
    ['a ?', 'EXPRESSION_SYNTAX', 3, 0, /too early/],
    ['a b', 'EXPRESSION_SYNTAX', 2, 1, /`b` is not expected/],
    ["'abc", 'EXPRESSION_SYNTAX', 0, 4, /no closing '/],
    ['“x”', 'EXPRESSION_SYNTAX', 0, 1, /typographic/, "'"],
    ['a;', 'EXPRESSION_SYNTAX', 1, 1, /remove it/, ''],
    ['{{ x }}', 'EXPRESSION_SYNTAX', 0, 2, /without \{\{ \}\}/],
    ['if (a) b', 'EXPRESSION_SYNTAX', 0, 2, /condition \? a : b/],
    ['class === 1', 'EXPRESSION_SYNTAX', 0, 5, /\$value\.class/, '$value.class'],
    ['default.x', 'EXPRESSION_SYNTAX', 0, 7, /\$value\.default/, '$value.default'],
    ['a ?? b || c', 'EXPRESSION_SYNTAX', 7, 2, /needs brackets/],
    ['-a ** 2', 'EXPRESSION_SYNTAX', 3, 2, /needs brackets/],
    ["lenght('a')", 'EXPRESSION_UNKNOWN_FUNCTION', 0, 6, /did you mean length/, 'length'],
    ['toLowerCase(a)', 'EXPRESSION_UNKNOWN_FUNCTION', 0, 11, /no function toLowerCase/],
    ['parseInt(a)', 'EXPRESSION_UNKNOWN_FUNCTION', 0, 8, /did you mean int/, 'int'],
    ['now()', 'EXPRESSION_UNKNOWN_FUNCTION', 0, 3, /\$time/, '$time'],
    ['a.toLowerCase()', 'EXPRESSION_UNSUPPORTED', 0, 15, /write lower\(text\)/],
    ['Math.floor(a)', 'EXPRESSION_UNSUPPORTED', 0, 13, /write floor\(value\)/],
    ['a?.b', 'EXPRESSION_UNSUPPORTED', 0, 4, /write a\.b/],
    ['`x`', 'EXPRESSION_UNSUPPORTED', 0, 3, /join texts with \+/],
    ['x === undefined', 'EXPRESSION_UNSUPPORTED', 6, 9, /exists\(field\)/],
    ['typeof x', 'EXPRESSION_UNSUPPORTED', 0, 6, /type_of/],
    ['a | b', 'EXPRESSION_UNSUPPORTED', 2, 1, /\|\| for or/],
    ['a, b', 'EXPRESSION_UNSUPPORTED', 0, 4, /write a list/],
    ['new Date()', 'EXPRESSION_UNSUPPORTED', 0, 10, /call a listed function/],
    ['() => 1', 'EXPRESSION_UNSUPPORTED', 0, 7, /a function/],
    ['this.x', 'EXPRESSION_UNSUPPORTED', 0, 4, /\$value/],
    ['[...a]', 'EXPRESSION_UNSUPPORTED', 1, 4, /name the elements/],
    ['10n', 'EXPRESSION_UNSUPPORTED', 0, 3, /the number 10n/],
    ['1e999', 'EXPRESSION_UNSUPPORTED', 0, 5, /the number 1e999/],
    ['$tim', 'EXPRESSION_UNKNOWN_METADATA', 0, 4, /did you mean \$time/, '$time'],
    ['$headers', 'EXPRESSION_UNSUPPORTED', 0, 8, /name a header/],
    ['__proto__', 'EXPRESSION_FORBIDDEN_NAME', 0, 9, /prototype/],
    ['a.constructor', 'EXPRESSION_FORBIDDEN_NAME', 2, 11, /prototype/],
    ['a["__proto__"]', 'EXPRESSION_FORBIDDEN_NAME', 2, 11, /prototype/],
    ['a.\\u0063onstructor', 'EXPRESSION_FORBIDDEN_NAME', 2, 16, /prototype/],
    ['{ __proto__: a }', 'EXPRESSION_FORBIDDEN_NAME', 2, 9, /prototype/],
    ["'a' * 2", 'EXPRESSION_TYPE', 0, 3, /needs a number/],
    ["1 > '2'", 'EXPRESSION_TYPE', 0, 7, /a number with a string/],
    ['a === [1]', 'EXPRESSION_TYPE', 6, 3, /not compared/],
    ['substring(x)', 'EXPRESSION_ARGUMENTS', 0, 12, /takes 2 to 3 arguments, not 1/],
    ['lower(5)', 'EXPRESSION_ARGUMENTS', 6, 1, /text is of type string/],
    ["matches(a, 'x')", 'EXPRESSION_ARGUMENTS', 11, 3, /between slashes/],
    ["format_timestamp($time, '%Q')", 'EXPRESSION_ARGUMENTS', 0, 29, /has %Q/],
    ['/x/', 'EXPRESSION_UNSUPPORTED', 0, 3, /matches\(text, \/x\/\)/],
    ['matches(x, /(a+)+b/)', 'EXPRESSION_REGEXP', 11, 8, /exponentially/],
    ['matches(x, /a/g)', 'EXPRESSION_REGEXP', 11, 4, /flag g/],
    ['('.repeat(5000), 'EXPRESSION_TOO_LARGE', 0, 5000, /nested too deeply/],
    ['!'.repeat(300), 'EXPRESSION_SYNTAX', 300, 0, /too early/],
    [`${'!'.repeat(300)}a`, 'EXPRESSION_TOO_LARGE', 251, 50, /250 levels/],
    ['a'.repeat(10_001), 'EXPRESSION_TOO_LARGE', 0, 10_001, /at most 10000/],
    [`a${'.b'.repeat(101)}`, 'EXPRESSION_TOO_LARGE', 0, 203, /100 levels/],
  ])('%s', (text, code, offset, length, message, suggestion) => {
    const [first] = problems(text);
    expect(first).toMatchObject({ code, offset, length });
    expect(first?.message).toMatch(message);
    expect(first?.suggestion).toBe(suggestion);
  });

  test('all are reported at once, in the order of the text', () => {
    const found = problems("x == 1 && nope(y) && a.constructor && 'a' * 2");
    expect(found.map(({ offset, code }) => [offset, code])).toEqual([
      [2, 'EXPRESSION_UNSUPPORTED'],
      [10, 'EXPRESSION_UNKNOWN_FUNCTION'],
      [23, 'EXPRESSION_FORBIDDEN_NAME'],
      [38, 'EXPRESSION_TYPE'],
    ]);
  });
});

describe('what is known of an expression', () => {
  test('the fields that it reads', () => {
    const result = compileExpression("a.b > 1 && a.b < 5 && tags[0] === $value['x-y'] && $time > 0", defaultScope);
    expect(result.ok && result.fields).toEqual([['a', 'b'], ['tags'], ['x-y'], ['@timestamp']]);
  });

  test('its value where it reads no record', () => {
    const constant = compileExpression("upper('a') + 1", defaultScope);
    expect(constant.ok && constant.constant).toEqual({ value: 'A1' });
    const depends = compileExpression('a', defaultScope);
    expect(depends.ok && depends.constant).toBeUndefined();
  });

  test('the types of fields, where the scope has them', () => {
    const scope = { ...defaultScope, record: objectOf({ a: objectOf({ b: STRING }) }, ANY) };
    const result = compileExpression('a.b * 2 + c', scope);
    expect(result.ok ? [] : result.errors.map(({ code, offset }) => [code, offset])).toEqual([['EXPRESSION_TYPE', 0]]);
  });

  test('functions of plugins are called; they cannot replace built-in ones', () => {
    const twice = {
      name: 'twice',
      summary: 'Twice.',
      parameters: [{ name: 'n', type: 'number' }],
      returns: 'number',
      example: { text: 'twice(1)', result: 2 },
    } as const;
    const scope = scopeWith([
      { ...twice, call: (n) => (typeof n === 'number' ? n * 2 : undefined) },
      { ...twice, name: 'lower', call: () => 'stolen' },
    ]);
    const result = compileExpression("twice(length) + lower('A')", scope);
    expect(result.ok && result.evaluate(record())).toBe('8a');
  });
});

test('an option is bound to its function, or stays unbound with its problems', () => {
  const option = new CompiledOption('expression', 'length * 2');
  expect(bindOption(option, defaultScope)).toEqual([]);
  expect(option.evaluate(record())).toBe(8);
  const template = new CompiledOption('template', 'plain');
  expect(bindOption(template, defaultScope)).toEqual([]);
  expect(template.constant).toEqual({ value: 'plain' });
  const broken = new CompiledOption('map', 'a == 1');
  expect(bindOption(broken, defaultScope)).toHaveLength(1);
  expect(() => broken.evaluate).toThrow(/never bound/);
});
