import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import type { JsonValue } from '../../record/json.ts';
import { functionAreas, signatureOf } from '../index.ts';
import type { Argument } from './definition.ts';
import { builtInFunctions } from './index.ts';

const all = Object.values(functionAreas).flat();

describe('every function', () => {
  test.each(all.map((definition) => [definition.name, definition] as const))('%s: its example is true', (_, { example }) => {
    expect(evaluate(example.text)).toEqual(example.result);
  });

  test.each(all.map((definition) => [definition.name, definition] as const))(
    '%s: never throws, whatever it is given',
    (_, definition) => {
      const odd: Argument[] = [undefined, null, '', 'x', '%', -1, 1e300, 0.5, true, [], [null, [1]], {}, { a: null }];
      const json = (value: unknown): boolean => value === undefined || JSON.stringify(value) !== undefined;
      for (const a of odd) for (const b of odd) for (const c of odd) expect(json(definition.call(a, b, c))).toBe(true);
      expect(json(definition.call())).toBe(true);
    },
  );

  test.each(all.map((definition) => [definition.name, definition] as const))(
    '%s: checks and prepares without throwing, and means the same when it is prepared',
    (_, definition) => {
      const likely = fc.constantFrom('10.0.0.0/8', '::1', 'day', 'hour', 'UTC', 'Europe/Berlin', '2024-02-29', 0, 5, 1e18, -90.5);
      const literal = fc.oneof(likely, fc.string({ maxLength: 8 }), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
      const value = fc.oneof(
        literal,
        fc.array(literal, { maxLength: 5 }),
        fc.constant([
          [0, 0],
          [9, 0],
          [0, 9],
        ]),
      );
      const argument = fc.tuple(value, fc.boolean());
      fc.assert(
        fc.property(fc.array(argument, { maxLength: 6 }), (given) => {
          const values = given.map(([each]) => each as Argument);
          const literals = given.map(([each, written]) => (written ? (each as JsonValue) : undefined));
          expect(definition.check?.(literals) ?? '').toBeTypeOf('string');
          const plain = definition.call(...values);
          expect((definition.prepare?.(literals) ?? definition.call)(...values)).toEqual(plain);
        }),
        { numRuns: 300 },
      );
    },
  );

  test('has a name of its own and a sentence', () => {
    expect(builtInFunctions.size).toBe(all.length);
    for (const { summary } of all) expect(summary).toMatch(/^[A-Z].*\.$/s);
  });
});

test('a signature shows what may be left out and what may be repeated', () => {
  const signatures = ['substring', 'min', 'replace'].map((name) => {
    const definition = builtInFunctions.get(name);
    return definition && signatureOf(definition);
  });
  expect(signatures).toEqual([
    'substring(text: string, start: number, end?: number): string',
    'min(...values: any): number',
    'replace(text: string, pattern: string or regexp, by: string): string',
  ]);
});

test.each<[string, JsonValue | undefined]>([
  ["int('12x')", undefined],
  ["int('-12')", -12],
  ['int(2.9)', 2],
  ["int('9007199254740993')", undefined],
  ["int('')", undefined],
  ["float('')", undefined],
  ["float('NaN')", undefined],
  ["float('1e999')", undefined],
  ["float(' .5 ')", 0.5],
  ['round(1.005, 2)', 1.01],
  ['round(-2.5)', -3],
  ['round(2.5, 99)', undefined],
  ['round(1e300, 2)', 1e300],
  ['round(1e-9, 2)', 0],
  ["min(3, 'x', null, 1)", 1],
  ['max([])', undefined],
  ["replace('a.b.c', '.', '-')", 'a-b-c'],
  ["replace('ab', /(a)(b)/, '$2$1$$$&')", 'ba$ab'],
  ["replace('aaa', /x*/, '-')", '-a-a-a-'],
  ["split('abc', '')", ['a', 'b', 'c']],
  ["join(['a', null, 1])", 'a,1'],
  ["substring('hello', -3)", 'llo'],
  ["extract('none', /(\\d+)/)", undefined],
  ["extract('id=7', /\\d/)", '7'],
  ["parse_timestamp('2024-02-30T00:00:00Z')", undefined],
  ["parse_timestamp('2024-02-29')", 1_709_164_800_000],
  ["parse_timestamp('2016-12-31T23:59:60Z')", 1_483_228_800_000],
  ["parse_timestamp('2015-05-17 10:05:03,123456 +01:00')", undefined],
  ["parse_timestamp('2015-05-17 10:05:03,123456+0100')", 1_431_853_503_123],
  ["parse_timestamp('0001-01-01T00:00:00Z')", -62_135_596_800_000],
  ["parse_timestamp('yesterday')", undefined],
  ['format_timestamp(0)', '1970-01-01T00:00:00.000Z'],
  [
    "format_timestamp('2024-12-31T23:59:59.042Z', '%j %b %a %H:%M:%S.%L %s %z %%')",
    '366 Dec Tue 23:59:59.042 1735689599 +0000 %',
  ],
  ['format_timestamp(1e300)', undefined],
  ["parse_json('{')", undefined],
  ["parse_json('[1, 1e400]')", undefined],
  ['parse_json(\'{"a":1.5e3}\').a', 1500],
  ['parse_json(\'{"__proto__":{"x":1}}\').x', undefined],
  ['type_of(first([]))', 'missing'],
  ['string({ a: 1 })', '{"a":1}'],
  ['string(null)', undefined],
  ['is_null(first([]))', true],
  ['exists(first([]))', false],
  ['length({ a: 1, b: 2 })', 2],
])('%s', (text, expected) => {
  expect(evaluate(text)).toEqual(expected);
});

test('JSON nested beyond the bound is missing, and no stack ends', () => {
  const parse = builtInFunctions.get('parse_json');
  const write = builtInFunctions.get('to_json');
  expect(parse?.call(`${'['.repeat(200)}${']'.repeat(200)}`)).toBeUndefined();
  expect(parse?.call(`${'['.repeat(50)}${']'.repeat(50)}`)).toBeDefined();
  expect(write?.call('x'.repeat(2_000_000))).toBeUndefined();
});

test.each([
  ['pow(a, 2)', 'write a ** b'],
  ["hmac_sha256(card, 'key')", 'the step redact hashes with a key'],
  ['now()', 'use $time'],
  ['datediff(a, b)', 'did you mean date_diff?'],
  ['average(list)', 'did you mean avg?'],
  ['cidr_contains(net, ip)', 'did you mean cidr_match?'],
])('%s is no function, and what to write is said', (text, instead) => {
  expect(complaint(text)).toContain(instead);
});
