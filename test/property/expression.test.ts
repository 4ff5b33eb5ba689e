import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { compileExpression, compileMap, compileTemplate, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { naive, recordValue, tree, type Value, write } from './expression-model.ts';

/**
 * The compiler against an interpreter of the same language that walks the tree and shares no code with it, on random
 * expressions and records; and against random and hostile texts.
 */

const of = (value: JsonObject): StreamRecord => {
  const record = new StreamRecord();
  record.value = value;
  return record;
};

/** JSON has one zero; JavaScript's -0 is written as 0. */
const asJson = (value: Value): string | undefined => JSON.stringify(value);

// Thousands of runs take seconds where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

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
        else expect(result.evaluate(of({}))).toBe(runInNewContext(text));
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
