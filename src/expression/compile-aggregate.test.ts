import { describe, expect, it } from 'vitest';
import type { AggregateSignature } from '../sdk/aggregate-function.ts';
import { compileAggregate, compileExpression, defaultScope } from './index.ts';

const signature = (name: string): AggregateSignature => ({
  name,
  summary: '',
  parameters: [{ name: 'value', type: 'any' }],
  returns: 'number',
});
const aggregates = new Map<string, AggregateSignature>([
  ['max', signature('max')],
  ['top', { ...signature('top'), returns: 'array' }],
  ['sum', { ...signature('sum'), parameters: [{ name: 'value', type: 'number' }] }],
]);
const scope = { ...defaultScope, aggregates };

describe('compileAggregate', () => {
  it('tells apart what is gathered of records and what is computed of the result', () => {
    const compiled = compileAggregate('sum( a .b ) / (n ?? 2) + sum(c)', scope);
    if (!compiled.ok) throw new Error(compiled.errors[0]?.message);
    const { calls, names, evaluate } = compiled.aggregate;
    expect(calls.map(({ name, text, inputs }) => [name, text, inputs[0]?.text])).toEqual([
      ['sum', 'sum( a .b )', 'a . b'],
      ['sum', 'sum(c)', 'c'],
    ]);
    expect(names).toEqual([{ path: ['n'], offset: 15, length: 1 }]);
    expect([evaluate([8, 1], { n: 4 }), evaluate([8, 1], {}), evaluate([undefined, 1], {})]).toEqual([3, 5, undefined]);
  });

  it('stays quick with many names that may be either', () => {
    const text = `${'max('.repeat(240)}x${')'.repeat(240)}`;
    const compiled = compileAggregate(text, scope);
    expect(compiled.ok && compiled.aggregate.calls.map((call) => call.text)).toEqual(['max(x)']);
  });

  it.each([
    // A name that is both: the aggregate, the function of a result, of a list that is written out, and within an aggregate.
    ['sum(x)', ['sum(x)'], [6], 6],
    ['sum(top(x))', ['top(x)'], [[1, 2]], 3],
    ['sum([max(x), n])', ['max(x)'], [4], 9],
    ['sum([n, n])', [], [], 10],
    ['sum(sum(top(x)))', undefined, [], undefined],
    ['max(sum([x, y]))', ['max(sum([x, y]))'], [7], 7],
  ])('takes %s for what is meant', (text, calls, given, result) => {
    const compiled = compileAggregate(text, scope);
    expect(compiled.ok ? compiled.aggregate.calls.map((call) => call.text) : undefined).toEqual(calls);
    if (compiled.ok) expect(compiled.aggregate.evaluate(given, { n: 5 })).toBe(result);
  });

  it('takes a name that fits neither for the aggregate', () => {
    const compiled = compileAggregate('sum(a, b)', scope);
    expect(compiled.ok ? [] : compiled.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('sum(value: number)'),
    ]);
  });

  it('reports problems of inputs at their place in the whole text', () => {
    const compiled = compileAggregate('max(a) + sum(b == c)', scope);
    expect(compiled.ok ? [] : compiled.errors.map(({ code, offset }) => [code, offset])).toEqual([
      ['EXPRESSION_UNSUPPORTED', 15],
    ]);
  });

  it('refuses what is too long', () => {
    const compiled = compileAggregate(`sum(${'a'.repeat(10_000)})`, scope);
    expect(compiled.ok ? [] : compiled.errors.map(({ code }) => code)).toEqual(['EXPRESSION_TOO_LARGE']);
  });

  it('leaves functions of the same name to ordinary expressions', () => {
    expect(compileExpression('max(1, 2)', scope)).toMatchObject({ ok: true, constant: { value: 2 } });
    expect(compileExpression('sum([1, 2])', scope)).toMatchObject({ ok: true, constant: { value: 3 } });
    expect(compileExpression('top(x)', scope)).toMatchObject({
      ok: false,
      errors: [{ code: 'EXPRESSION_AGGREGATE', offset: 0 }],
    });
    expect(compileExpression('top(x)', defaultScope)).toMatchObject({
      ok: false,
      errors: [{ code: 'EXPRESSION_UNKNOWN_FUNCTION' }],
    });
  });
});
