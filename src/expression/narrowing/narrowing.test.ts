import { describe, expect, it, test } from 'vitest';
import type { JsonValue } from '../../record/json.ts';
import { CompiledOption } from '../../sdk/option.ts';
import { readNotation, typeText } from '../../sdk/types/index.ts';
import type { Argument, Parameter } from '../functions/definition.ts';
import { builtInFunctions } from '../functions/index.ts';
import { Pattern } from '../pattern.ts';
import { defaultScope } from '../scope.ts';
import { typeOption } from '../type-option.ts';

/** What is known of records of a type where a condition is `true`, and where it is not. */
function branches(text: string, declared: unknown): readonly [string, string] {
  const { type: record, problems } = readNotation(declared);
  expect(problems).toEqual([]);
  const typed = typeOption(new CompiledOption('expression', text), { ...defaultScope, record });
  expect(typed.problems).toEqual([]);
  const [met, unmet] = [typed.narrowed(true), typed.narrowed(false)].map(({ type, possible }) =>
    possible ? typeText(type) : `${typeText(type)} (never)`,
  );
  return [met ?? '', unmet ?? ''];
}

const SAME = '{ ... }';

describe('of fields of which nothing is known, a condition proves', () => {
  test.each<[string, string, string]>([
    ["x === 'a'", "{ x: 'a', ... }", SAME],
    ['x === 5', '{ x: number, ... }', SAME],
    ['x === -5', '{ x: number, ... }', SAME],
    ['x === null', '{ x: null, ... }', SAME],
    // What is missing differs from everything.
    ["x !== 'a'", SAME, "{ x: 'a', ... }"],
    ['x !== null', SAME, '{ x: null, ... }'],
    ['exists(x)', '{ x: any, ... }', SAME],
    ['!exists(x)', SAME, '{ x: any, ... }'],
    ['is_null(x)', SAME, '{ x: any, ... }'],
    ['!is_null(x)', '{ x: any, ... }', SAME],
    ['x', '{ x: boolean, ... }', SAME],
    ['!x', SAME, '{ x: any, ... }'],
    ['x > 5', '{ x: number, ... }', SAME],
    ["'a' <= x", '{ x: string, ... }', SAME],
    ['x > y', '{ x: any, y: any, ... }', SAME],
    ['x === y', '{ x: any, y: any, ... }', SAME],
    ["x in ['a', 'b', 1]", "{ x: 'a' | 'b' | number, ... }", SAME],
    ['x in y', '{ x: any, y: any, ... }', SAME],
    ["type_of(x) === 'string'", '{ x: string, ... }', SAME],
    ["type_of(x) !== 'string'", SAME, '{ x: string, ... }'],
    ["type_of(x) === 'missing'", SAME, '{ x: any, ... }'],
    ["type_of(x) in ['array', 'object']", '{ x: [any] | { ... }, ... }', SAME],
    ["starts_with(x, 'a')", '{ x: string, ... }', SAME],
    // A question is answered by false where there is no text to ask it of.
    ["starts_with(x, 'a') === false", SAME, SAME],
    ["!starts_with(x, 'a')", SAME, '{ x: string, ... }'],
    ["lower(x) === ''", '{ x: string, ... }', SAME],
    ['x * 2 > 5', '{ x: number, ... }', SAME],
    ['x + 1 > 5', '{ x: number, ... }', SAME],
    ["x + '!' === 'a!'", '{ x: any, ... }', SAME],
    ['-x < 0', '{ x: number, ... }', SAME],
    ['round(x) === 5', '{ x: number, ... }', SAME],
    ['a.b > 5', '{ a: { b: number, ... }, ... }', SAME],
    ['a.b.c !== null', SAME, '{ a: { b: { c: null, ... }, ... }, ... }'],
    ["(x ?? 'none') === 'a'", "{ x: 'a', ... }", SAME],
    ["coalesce(x, y, 'none') === 'a'", SAME, SAME],
    ['(x ?? false) === true', '{ x: boolean, ... }', SAME],
    ["exists(x) && x !== 'a' && y > 1", '{ x: any, y: number, ... }', SAME],
    ["x > 5 || x === 'all'", "{ x: 'all' | number, ... }", SAME],
    ['x > 5 || y > 5', SAME, SAME],
    ['!(x > 5 || y > 5)', SAME, SAME],
    ['!(is_null(x) || is_null(y))', '{ x: any, y: any, ... }', SAME],
    ['exists(x) ? x > 5 : false', '{ x: number, ... }', SAME],
    ['exists(x) ? false : y > 5', '{ y: number, ... }', SAME],
    ['exists(x) === true', '{ x: any, ... }', SAME],
    ['exists(x) !== true', SAME, '{ x: any, ... }'],
    ["x === 'a' || false", "{ x: 'a', ... }", SAME],
    ['true', SAME, '{ ... } (never)'],
    ["$key === 'a'", SAME, SAME],
    ['items[0] > 5', SAME, SAME],
  ])('%s', (text, met, unmet) => {
    expect(branches(text, { '...': 'any' })).toEqual([met, unmet]);
  });
});

describe('of fields that are declared, a condition proves', () => {
  test.each<[string, unknown, string, string]>([
    ['n !== null', { n: 'number | null' }, '{ n: number }', '{ n: null }'],
    ['n !== null', { 'n?': 'number | null' }, '{ n?: number }', '{ n: null }'],
    ['!is_null(n)', { 'n?': 'number | null' }, '{ n: number }', '{ n?: null }'],
    ['exists(n)', { 'n?': 'number | null' }, '{ n: number | null }', '{}'],
    ['n > 5', { n: 'number | null' }, '{ n: number }', '{ n: number | null }'],
    ["k === 'a'", { k: "'a' | 'b' | 'c'" }, "{ k: 'a' }", "{ k: 'b' | 'c' }"],
    ["k in ['a', 'b']", { k: "'a' | 'b' | 'c'" }, "{ k: 'a' | 'b' }", "{ k: 'c' }"],
    ["!(k in ['a', 'b'])", { k: "'a' | 'b' | 'c'" }, "{ k: 'c' }", "{ k: 'a' | 'b' }"],
    ["k === 'a' || k === 'b'", { k: "'a' | 'b' | 'c'" }, "{ k: 'a' | 'b' }", "{ k: 'c' }"],
    ["k !== 'a' && k !== 'b'", { k: "'a' | 'b' | 'c'" }, "{ k: 'c' }", "{ k: 'a' | 'b' }"],
    ["k !== 'a'", { k: 'string' }, '{ k: string }', "{ k: 'a' }"],
    [
      "k === 'a' ? n > 5 : true",
      { k: "'a' | 'b'", n: 'number | null' },
      "{ k: 'a' | 'b', n: number | null }",
      "{ k: 'a', n: number | null }",
    ],
    [
      'a === b',
      { a: 'string | number', b: 'number | null' },
      '{ a: number, b: number }',
      '{ a: string | number, b: number | null }',
    ],
    ["type_of(v) === 'array'", { v: ['string'] }, '{ v: [string] }', '{ v: any } (never)'],
    ["type_of(v) === 'array'", { v: 'string | list' }, '{ v: [any] }', '{ v: string }'],
    ['flag', { flag: 'boolean | null' }, '{ flag: boolean }', '{ flag: boolean | null }'],
    [
      '!(flag && n)',
      { flag: 'boolean', n: 'number | list' },
      '{ flag: boolean, n: number | [any] }',
      '{ flag: boolean, n: number | [any] }',
    ],
    ['!list', { 'list?': 'list | string' }, "{ list?: '' }", '{ list: string | [any] }'],
    [
      'order.amount !== null',
      { 'order?': { 'amount?': 'number | null' } },
      '{ order?: { amount?: number } }',
      '{ order: { amount: null } }',
    ],
    [
      'order.amount > 0',
      { 'order?': { 'amount?': 'number | null' } },
      '{ order: { amount: number } }',
      '{ order?: { amount?: number | null } }',
    ],
    ['exists(order.amount)', { order: 'string | object' }, '{ order: { amount: any, ... } }', '{ order: string | { ... } }'],
    [
      'is_null(order.amount)',
      { order: { amount: 'number | null' } },
      '{ order: { amount: null } }',
      '{ order: { amount: number } }',
    ],
  ])('%s of %j', (text, declared, met, unmet) => {
    expect(branches(text, declared)).toEqual([met, unmet]);
  });

  it('alone where the declaration rules it out: who asks expects records that are otherwise', () => {
    expect(branches("type_of(n) !== 'number'", { n: 'number' })).toEqual(['{ n: any } (never)', '{ n: number }']);
    expect(branches('is_null(n)', { n: 'number' })).toEqual(['{ n?: null } (never)', '{ n: number }']);
    expect(branches("k !== 'a'", { k: "'a'" })).toEqual(['{ k: string } (never)', "{ k: 'a' }"]);
    expect(branches('!exists(n)', { n: 'number' })).toEqual(['{} (never)', '{ n: number }']);
  });
});

describe('within an expression', () => {
  const declared = {
    'n?': 'number | null',
    's?': 'string | null',
    k: "'a' | 'b' | 'c'",
    'o?': { 'amount?': 'number | null' },
    v: 'string | number | list | null',
    '...': 'any',
  };

  test.each<[string, string]>([
    ['is_null(n) ? 0 : n', 'number'],
    ['n ?? 0', 'number'],
    ['n || 0', 'number'],
    ['exists(n) && n', 'number | boolean | null'],
    ["s || 'none'", 'string'],
    ["type_of(v) === 'string' ? v : 'other'", 'string'],
    ["type_of(v) === 'string' || type_of(v) === 'number' ? v : 0", 'string | number'],
    ["type_of(v) === 'array' ? length(v) : v", 'string | number | null'],
    ["k === 'a' ? 'A' : k", "'A' | 'b' | 'c'"],
    ["k === 'a' ? 1 : k === 'b' ? 2 : k", "'c' | number"],
    ["(k !== 'a' || k) && k", "'a' | 'b' | 'c'"],
    ['o.amount > 0 ? o.amount : 0', 'number'],
    ['is_null(o.amount) ? null : o.amount', 'number | null'],
    ["free === 'x' ? free : 'y'", "'x' | 'y'"],
    // By what is declared, k is never null: what would be then is no part of it.
    ['k === null ? 5 : k', "'a' | 'b' | 'c'"],
    ['k ?? 5', "'a' | 'b' | 'c'"],
    ['free || 5', 'any'],
  ])('%s is %s', (text, shown) => {
    const record = readNotation(declared).type;
    const typed = typeOption(new CompiledOption('expression', text), { ...defaultScope, record });
    expect(typed.problems).toEqual([]);
    expect(typeText(typed.type)).toBe(shown);
  });

  test.each<[string, string]>([
    ["k === 'a' && k === 'b'", "`k` is 'a' by what is asked before, and never 'b'"],
    ["k === 'a' || k in ['a', 'b']", "`k` is 'b' or 'c' by what is asked before, and never 'a'"],
    ["type_of(free) === 'string' && free > 5", 'this compares a string with a number'],
    ['is_null(s) ? lower(s) : s', 'text is of type string, and `s` is of type null'],
    ["free === 'x' ? free.y : 0", 'free is a string, which has no fields'],
    ['!exists(free) && free.x === 1', 'no record has the field free here'],
  ])('%s is a mistake', (text, reason) => {
    const record = readNotation(declared).type;
    const { problems } = typeOption(new CompiledOption('expression', text), { ...defaultScope, record });
    expect(problems.map(({ message }) => message).join('\n')).toContain(reason);
  });

  it('a record that a pattern has taken is none that the condition is about', () => {
    const record = readNotation({ k: "'a' | 'b'" }).type;
    const option = new CompiledOption('match', "k === 'a' && first.k === 'b'");
    option.elements = ['first'];
    expect(typeOption(option, { ...defaultScope, record }).problems).toEqual([]);
  });
});

const OF_KIND: Readonly<Record<string, readonly JsonValue[]>> = {
  string: ['', 'a', '12', '2024-05-01T00:00:00Z', '10.0.0.1', 'day'],
  number: [0, 1, 2.5],
  boolean: [true, false],
  array: [
    [],
    ['a'],
    [1, 2],
    [
      [0, 0],
      [1, 1],
    ],
  ],
  object: [{}, { a: 1 }],
};

/** All choices of one value for each parameter; `undefined` at `left`. */
function choices(parameters: readonly Parameter[], left: number): Argument[][] {
  return parameters.reduce<Argument[][]>(
    (lists, { type, optional }, i) => {
      const values: readonly Argument[] =
        i === left || optional
          ? [undefined]
          : type === 'regexp'
            ? [new Pattern('a', '', 100)]
            : (OF_KIND[type] ?? ['10.0.0.1', 1]);
      return lists.flatMap((list) => values.map((value) => [...list, value]));
    },
    [[]],
  );
}

// It is what lets `lower(x) === 'a'` prove that x is a text.
it.each([...builtInFunctions.values()])(
  '$name gives nothing, or false, of what it does not take',
  ({ call, parameters, returns }) => {
    for (const [i, { type, optional, rest }] of parameters.entries()) {
      const kind = type === 'string or regexp' ? 'string' : type;
      if (optional || rest || OF_KIND[kind] === undefined) continue;
      const others = Object.keys(OF_KIND).flatMap((other) => (other === kind ? [] : (OF_KIND[other] ?? [])));
      for (const list of choices(parameters, i))
        for (const other of [undefined, null, ...others]) {
          const result = call(...list.with(i, other));
          if (returns === 'boolean') expect(result ?? false).toBe(false);
          else expect(result).toBeUndefined();
        }
    }
  },
);
