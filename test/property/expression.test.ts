import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression, compileMap, compileTemplate, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';

/**
 * The compiler against an interpreter of the same language that walks the tree and shares no code with it, on random
 * expressions and records; and against random and hostile texts.
 */

type Value = JsonValue | undefined;

type Tree =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'path'; names: string[] }
  | { kind: 'index'; of: Tree; key: Tree }
  | { kind: 'list'; elements: Tree[] }
  | { kind: 'unary'; operator: string; of: Tree }
  | { kind: 'binary'; operator: string; a: Tree; b: Tree }
  | { kind: 'conditional'; test: Tree; a: Tree; b: Tree }
  | { kind: 'call'; name: string; args: Tree[] };

const NAMES = ['a', 'b', 'length', 'toString', 'keys', 'at', '@timestamp', 'valueOf'];
const BINARY = ['+', '-', '*', '/', '%', '**', '<', '<=', '>', '>=', '===', '!==', '&&', '||', '??', 'in'];

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({
      kind: fc.constant('literal' as const),
      value: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('', 'a', '1', 'length'), fc.boolean(), fc.constant(null)),
    }),
    fc.record({ kind: fc.constant('path' as const), names: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('index' as const), of: tie('tree'), key: tie('tree') }),
    fc.record({ kind: fc.constant('list' as const), elements: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('unary' as const), operator: fc.constantFrom('!', '-'), of: tie('tree') }),
    fc.record({ kind: fc.constant('binary' as const), operator: fc.constantFrom(...BINARY), a: tie('tree'), b: tie('tree') }),
    fc.record({ kind: fc.constant('conditional' as const), test: tie('tree'), a: tie('tree'), b: tie('tree') }),
    fc.record({
      kind: fc.constant('call' as const),
      name: fc.constantFrom('type_of', 'exists', 'is_null'),
      args: fc.tuple(tie('tree')),
    }),
  ),
}));

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -3, max: 9 }),
    fc.constantFrom<JsonValue>('', 'a', '1', 'abc', true, false, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4 }),
  ),
})).value;

const recordValue = fc.dictionary(fc.constantFrom(...NAMES), json, { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;

/** Writes a tree with every bracket, so that precedence is acorn's business only where brackets are left out. */
function write(node: Tree): string {
  switch (node.kind) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'path':
      return node.names.join('.');
    case 'index':
      return `(${write(node.of)})[${write(node.key)}]`;
    case 'list':
      return `[${node.elements.map(write).join(', ')}]`;
    case 'unary':
      return `${node.operator}(${write(node.of)})`;
    case 'binary':
      return `(${write(node.a)}) ${node.operator} (${write(node.b)})`;
    case 'conditional':
      return `(${write(node.test)}) ? (${write(node.a)}) : (${write(node.b)})`;
    case 'call':
      return `${node.name}(${node.args.map(write).join(', ')})`;
  }
}

function naive(node: Tree, record: JsonObject): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'path':
      return node.names.reduce<Value>((here, name) => field(here, name), record);
    case 'index': {
      const key = naive(node.key, record);
      const of = naive(node.of, record);
      if (typeof key === 'string') return field(of, key);
      return typeof key === 'number' && Array.isArray(of) ? of[key] : undefined;
    }
    case 'list':
      return node.elements.map((element) => naive(element, record) ?? null);
    case 'unary':
      return unary(node.operator, naive(node.of, record));
    case 'binary':
      return binary(
        node.operator,
        () => naive(node.a, record),
        () => naive(node.b, record),
      );
    case 'conditional':
      return naive(node.test, record) ? naive(node.a, record) : naive(node.b, record);
    case 'call':
      return called(node.name, node.args.map((argument) => naive(argument, record))[0]);
  }
}

function field(here: Value, name: string): Value {
  if (here === null || typeof here !== 'object' || Array.isArray(here)) return undefined;
  return new Map(Object.entries(here)).get(name);
}

function unary(operator: string, x: Value): Value {
  if (operator === '!') return !x;
  return typeof x === 'number' ? -x : undefined;
}

function called(name: string, x: Value): Value {
  if (name === 'exists') return x !== undefined;
  if (name === 'is_null') return (x ?? null) === null;
  if (x === undefined) return 'missing';
  return x === null ? 'null' : Array.isArray(x) ? 'array' : typeof x;
}

function binary(operator: string, left: () => Value, right: () => Value): Value {
  const a = left();
  if (operator === '&&') return a ? right() : a;
  if (operator === '||') return a ? a : right();
  if (operator === '??') return a ?? right();
  const b = right();
  if (operator === '===') return a !== undefined && a === b;
  if (operator === '!==') return a === undefined || a !== b;
  if (operator === 'in') return a !== undefined && isMember(a, b);
  const orders: Record<string, (c: number) => boolean> = {
    '<': (c) => c < 0,
    '<=': (c) => c <= 0,
    '>': (c) => c > 0,
    '>=': (c) => c >= 0,
  };
  const order = orders[operator];
  if (order !== undefined)
    return (typeof a === 'number' || typeof a === 'string') && typeof a === typeof b ? order(compare(a, b)) : false;
  if (operator === '+' && (typeof a === 'string' || typeof b === 'string')) {
    return [a, b].every((x) => ['string', 'number', 'boolean'].includes(typeof x)) ? String(a) + String(b) : undefined;
  }
  return typeof a === 'number' && typeof b === 'number' ? arithmetic(operator, a, b) : undefined;
}

function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  return (a as number) < (b as number) ? -1 : 1;
}

function arithmetic(operator: string, a: number, b: number): Value {
  const results: Record<string, number> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b, '**': a ** b };
  const result = results[operator];
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function isMember(a: JsonValue, b: Value): boolean {
  if (Array.isArray(b)) return b.some((element) => element === a);
  if (typeof b === 'string') return typeof a === 'string' && b.indexOf(a) >= 0;
  return typeof a === 'string' && typeof b === 'object' && b !== null && Object.keys(b).includes(a);
}

const of = (value: JsonObject): StreamRecord => {
  const record = new StreamRecord();
  record.value = value;
  return record;
};

/** JSON has one zero; JavaScript's -0 is written as 0. */
const asJson = (value: Value): string | undefined => JSON.stringify(value);

describe('random expressions', () => {
  test('give what a naive interpreter gives, and change nothing', () => {
    let compiled = 0;
    fc.assert(
      fc.property(tree, recordValue, (node, value) => {
        const result = compileExpression(write(node), defaultScope);
        if (!result.ok) {
          // The grammar makes expressions whose operands can be seen to be of a wrong type, and lists compared; nothing else may be refused.
          expect(result.errors.map(({ code }) => code).filter((code) => code !== 'EXPRESSION_TYPE')).toEqual([]);
          return;
        }
        compiled += 1;
        const before = JSON.stringify(value);
        expect(asJson(result.evaluate(of(value)))).toBe(asJson(naive(node, value)));
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 4000 },
    );
    expect(compiled).toBeGreaterThan(1000);
  });

  test('precedence is that of JavaScript', () => {
    const operand = fc.integer({ min: 1, max: 9 }).map(String);
    const chain = fc.tuple(
      operand,
      fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '<', '>', '===', '&&', '||'), operand), { maxLength: 6 }),
    );
    fc.assert(
      fc.property(chain, ([first, rest]) => {
        const text = rest.reduce((before, [operator, next]) => `${before} ${operator} ${next}`, first);
        const result = compileExpression(text, defaultScope);
        // Chained comparisons compare a boolean: refused, where JavaScript would convert it.
        if (!result.ok) expect(result.errors.every(({ code }) => code === 'EXPRESSION_TYPE')).toBe(true);
        else expect(result.evaluate(of({}))).toBe((0, eval)(text));
      }),
      { numRuns: 1000 },
    );
  });
});

const PIECES = [
  'a',
  '.',
  '[',
  ']',
  '(',
  ')',
  '{{',
  '}}',
  '{',
  '}',
  "'",
  '"',
  '/',
  '\\',
  ' ',
  '\n',
  '=',
  '===',
  '??',
  '?',
  ':',
  '@',
  '$value',
  '$headers',
  '#',
  '//',
  '/*',
  'delete ',
  'in',
  '`',
  '${',
  '...',
  '=>',
  'new ',
  '__proto__',
  'constructor',
  '1',
  '-',
  '!',
  ',',
  ';',
  '\u2028',
  'lower',
  'matches',
  '\\u0061',
];

const source = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
);

describe('random texts', () => {
  test('never make a compiler throw; problems lie within the text; what compiles does not throw', () => {
    fc.assert(
      fc.property(source, recordValue, (text, value) => {
        for (const compile of [compileExpression, compileTemplate, compileMap]) {
          const result = compile(text, defaultScope);
          if (result.ok) {
            result.evaluate(of(structuredClone(value)));
            continue;
          }
          expect(result.errors.length).toBeGreaterThan(0);
          for (const { offset, length, message } of result.errors) {
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(length).toBeGreaterThanOrEqual(0);
            expect(offset + length).toBeLessThanOrEqual(text.length);
            expect(message).not.toMatch(/\{\w+\}$|^$/);
          }
        }
      }),
      { numRuns: 4000 },
    );
  });

  test.each([
    '(',
    '[',
    '{',
    '{{',
    '!',
    '-',
    'a?',
    'a.',
    'a[',
    "'",
    '/',
    'lower(',
    'a+',
    'a=',
    '{{ (',
    "{{ ' }}",
    '[(',
    'a ? b : ',
    '\\',
    '/*',
  ])('long repetitions of %s end soon', (piece) => {
    const text = piece.repeat(Math.floor(60_000 / piece.length));
    const started = performance.now();
    for (const compile of [compileExpression, compileTemplate, compileMap]) {
      compile(text, defaultScope);
      compile(text.slice(0, 9000), defaultScope);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('prototypes', () => {
  const NAME = fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '__defineGetter__',
    'hasOwnProperty',
    'valueOf',
    'call',
    'x',
  );
  const level = fc.oneof(
    NAME.map((name) => `.${name}`),
    NAME.map((name) => `['${name}']`),
    NAME.map((name) => `['${name.slice(0, 3)}' + '${name.slice(3)}']`),
    NAME.map((name) => `[lower('${name}')]`),
  );
  const base = fc.constantFrom(
    'a',
    '$value',
    "'x'",
    '[1]',
    '{ x: 1 }',
    'lower("a")',
    '1',
    'lower',
    'parse_json(\'{"__proto__":{"polluted":1}}\')',
  );
  const chain = fc.tuple(base, fc.array(level, { minLength: 1, maxLength: 4 })).map(([first, levels]) => first + levels.join(''));
  const hostile = (): JsonObject =>
    JSON.parse('{"a":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"x":{}}') as JsonObject;

  test('cannot be read: only JSON comes out', () => {
    fc.assert(
      fc.property(chain, (text) => {
        const result = compileExpression(text, defaultScope);
        const value = result.ok ? result.evaluate(of(hostile())) : undefined;
        expect(typeof value).not.toBe('function');
        for (const prototype of [Object.prototype, Array.prototype, String.prototype, Function.prototype])
          expect(value).not.toBe(prototype);
      }),
      { numRuns: 2000 },
    );
  });

  test('cannot be changed', () => {
    const before = [Object.prototype, Array.prototype, String.prototype].map(
      (prototype) => Object.getOwnPropertyNames(prototype).length,
    );
    fc.assert(
      fc.property(chain, chain, (to, from) => {
        for (const text of [`${to} = 1`, `${to} = ${from}`, `delete ${to}`, `x = ${from}\nx.polluted = 1`]) {
          const result = compileMap(text, defaultScope);
          if (result.ok) result.evaluate(of(hostile()));
          expect('polluted' in {}).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
    expect(
      [Object.prototype, Array.prototype, String.prototype].map((prototype) => Object.getOwnPropertyNames(prototype).length),
    ).toEqual(before);
  });

  test('nothing of the process can be reached', () => {
    for (const name of [
      'process',
      'globalThis',
      'require',
      'console',
      'Object',
      'record',
      'constants',
      'v',
      'c0',
      't0',
      'evaluate',
    ]) {
      const result = compileExpression(name, defaultScope);
      expect(result.ok && result.evaluate(of({}))).toBe(result.ok ? undefined : false);
      const call = compileExpression(`${name}()`, defaultScope);
      expect(call.ok).toBe(false);
    }
  });
});
