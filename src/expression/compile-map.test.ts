import { expect, test } from 'vitest';
import type { JsonObject } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import { compileMap, defaultScope } from './index.ts';

function run(text: string, value: JsonObject = {}): JsonObject {
  const result = compileMap(text, defaultScope);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('; '));
  const record = new StreamRecord();
  record.value = value;
  expect(result.evaluate(record)).toBeUndefined();
  return record.value;
}

function places(text: string): unknown[] {
  const result = compileMap(text, defaultScope);
  return result.ok ? [] : result.errors.map(({ offset, length, code }) => [offset, length, code]);
}

test('statements run in order, each sees what the ones before did', () => {
  expect(run('a = 1\nb.c = a + 1\na = b.c * 2\ndelete b.c')).toEqual({ a: 4, b: {} });
});

test('names of all kinds can be written', () => {
  expect(run("@timestamp = 5\n$value['a-b'] = 1\n$value.class.x = 2\nlabels['env'] = 'p'\ntoString.x = 1")).toEqual({
    '@timestamp': 5,
    'a-b': 1,
    class: { x: 2 },
    labels: { env: 'p' },
    toString: { x: 1 },
  });
});

test('a missing value deletes the field; deleting what is not there is no error', () => {
  expect(run('a = missing\nb = missing ?? b\ndelete x.y.z\ndelete c.d', { a: 1, b: 2, c: { d: 1, e: 2 } })).toEqual({
    b: 2,
    c: { e: 2 },
  });
  expect(run('a = null', {})).toEqual({ a: null });
});

test('an open bracket continues a line; empty lines and comments are skipped', () => {
  const text =
    "# first\n\n  a = [\n    1, // one\n    2 ]\r\n// second\nb = join(\n  ['x)', 'y'],\n  '-')\nc = matches('(', /[(]/) // end\n";
  expect(run(text)).toEqual({ a: [1, 2], b: 'x)-y', c: true });
});

test('two fields never share a list or an object, nor do two records', () => {
  expect(run('a = b\na.x = 1', { b: { y: 1 } })).toEqual({ a: { y: 1, x: 1 }, b: { y: 1 } });
  const result = compileMap('tags = [1]', defaultScope);
  const one = new StreamRecord();
  const other = new StreamRecord();
  if (result.ok) for (const record of [one, other]) result.evaluate(record);
  expect(one.value['tags']).toEqual([1]);
  expect(one.value['tags']).not.toBe(other.value['tags']);
});

test('a value cannot grow without a bound', () => {
  const text = Array.from({ length: 200 }, () => 'a = { l: a, r: a }').join('\n');
  const grown = run(text, { a: 1 });
  expect(JSON.stringify(grown).length).toBeLessThan(5_000_000);
});

test('what it reads and writes is known', () => {
  const result = compileMap('a.b = c.d\ndelete e\na.b = 1', defaultScope);
  expect(result.ok && [result.fields, result.writes]).toEqual([[['c', 'd']], [['a', 'b'], ['e']]]);
});

test('a field of an object from outside named __proto__ stays a field', () => {
  const value = JSON.parse('{"b":{"__proto__":{"polluted":1}}}') as JsonObject;
  const after = run('a = b', value);
  expect(Object.getPrototypeOf(after['a'])).toBe(Object.prototype);
  expect(JSON.stringify(after['a'])).toBe('{"__proto__":{"polluted":1}}');
});

test.each<[string, unknown[]]>([
  ['', [[0, 0, 'EXPRESSION_STATEMENT']]],
  ['# nothing\n', [[0, 10, 'EXPRESSION_STATEMENT']]],
  ['a', [[0, 1, 'EXPRESSION_STATEMENT']]],
  ['a = ', [[4, 0, 'EXPRESSION_SYNTAX']]],
  ['a = b +\nc = 1', [[7, 0, 'EXPRESSION_SYNTAX']]],
  ['let x = 1', [[0, 3, 'EXPRESSION_STATEMENT']]],
  ['if (a) b = 1', [[0, 2, 'EXPRESSION_STATEMENT']]],
  ['a = 1 b = 2', [[6, 1, 'EXPRESSION_SYNTAX']]],
  ['a = b = 1', [[6, 1, 'EXPRESSION_UNSUPPORTED']]],
  ['delete lower(a)', [[7, 8, 'EXPRESSION_STATEMENT']]],
  ['$value = 1', [[0, 6, 'EXPRESSION_STATEMENT']]],
  ['a[b] = 1', [[0, 4, 'EXPRESSION_STATEMENT']]],
  [
    'a += 1\nb == 1\n$key = 1\na[0] = 1\na.__proto__.x = 1\nc = ]\nunset x\nd = 1;\ndelete constructor',
    [
      [2, 2, 'EXPRESSION_STATEMENT'],
      [7, 6, 'EXPRESSION_STATEMENT'],
      [14, 4, 'EXPRESSION_STATEMENT'],
      [23, 4, 'EXPRESSION_STATEMENT'],
      [34, 9, 'EXPRESSION_FORBIDDEN_NAME'],
      [54, 1, 'EXPRESSION_SYNTAX'],
      [56, 5, 'EXPRESSION_STATEMENT'],
      [69, 1, 'EXPRESSION_SYNTAX'],
      [78, 11, 'EXPRESSION_FORBIDDEN_NAME'],
    ],
  ],
  ['a = 1\n'.repeat(1001), [[0, 6006, 'EXPRESSION_TOO_LARGE']]],
])('problems of %s stand where they are', (text, expected) => {
  expect(places(text)).toEqual(expected);
});
