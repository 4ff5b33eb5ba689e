import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import type { JsonValue } from '../../record/json.ts';

const finiteNumber = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const numbers = fc.array(finiteNumber, { minLength: 2, maxLength: 30 });

describe('over lists', () => {
  // Of Python's statistics module.
  test.each([
    ['sum', 1050.85],
    ['avg', 175.14166666666665],
    ['variance', 163556.56041666667],
    ['stddev', 404.42126602920706],
    ['median', 3.1],
  ])('%s', (name, expected) => {
    expect(evaluate(`${name}(list)`, { list: [3.1, -2, 7.25, 1e3, 0.5, 42, 'x', null] })).toBeCloseTo(expected, 9);
  });

  test.each<[string, JsonValue | undefined]>([
    ['sum([])', undefined],
    ["sum(['1'])", undefined],
    ['avg([])', undefined],
    ['median([])', undefined],
    ['variance([1])', undefined],
    ['stddev([1, null])', undefined],
    ['sum([1e308, 1e308])', undefined],
    ['sum([1, 1e100, 1, -1e100])', 2],
    ['variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])', 30],
    ['quantile([5, 1, 9], 0)', 1],
    ['quantile([5, 1, 9], 1)', 9],
    ['quantile([5, 1, 9, 7], 0.5)', 5],
    ['sum(x)', undefined],
  ])('%s', (text, expected) => {
    expect(evaluate(text, { x: 5 })).toEqual(expected);
  });

  it('end at 10,000 elements where they sort', () => {
    expect(evaluate('median(list)', { list: new Array<number>(10_000).fill(3) })).toBe(3);
    expect(evaluate('median(list)', { list: new Array<number>(10_001).fill(3) })).toBeUndefined();
    expect(evaluate('sum(list)', { list: new Array<number>(10_001).fill(3) })).toBe(30_003);
  });

  it('keep their laws, whatever the order', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
        const value = { list, turned: list.toReversed(), q };
        const of = (text: string): number => evaluate(text, value) as number;
        expect(of('quantile(list, q)')).toBe(of('quantile(turned, q)'));
        expect(list).toContain(of('median(list)'));
        expect(of('avg(list)')).toBeGreaterThanOrEqual(Math.min(...list) - 1e-6);
        expect(of('avg(list)')).toBeLessThanOrEqual(Math.max(...list) + 1e-6);
        expect(of('variance(list)')).toBeGreaterThanOrEqual(0);
        expect(of('sum(list)')).toBeCloseTo(of('sum(turned)'), 6);
        expect(of('stddev(list) ** 2')).toBeCloseTo(of('variance(list)'), -Math.log10(of('variance(list)') * 1e-9 + 1e-9));
        expect(value.list).toEqual(list);
      }),
    );
  });
});

describe('of single numbers', () => {
  test.each<[string, JsonValue | undefined]>([
    ['sqrt(x)', undefined],
    ['exp(710)', undefined],
    ['log(x)', undefined],
    ['log(exp(2))', 2],
    ['log(8, 2)', 3],
    ['log(1e15, 10)', 15],
    ['log(81, 3)', 4],
    ['log(8, x)', undefined],
    ['zscore(85, 100, 15)', -1],
    ['zscore(1, 0, 0 * 1)', undefined],
    ['clamp(x, 0, 10)', 0],
    ['clamp(5, 0, x)', undefined],
    ['scale(20, 0, 100, 0, 1)', 0.2],
    ['scale(150, 0, 100, 10, 0)', -5],
    ['scale(1, x, -1, 0, 1)', undefined],
    ['scale(3, 1, 3, 0.1, 0.3)', 0.3],
  ])('%s', (text, expected) => {
    const result = evaluate(text, { x: -1 });
    if (typeof expected === 'number') expect(result).toBeCloseTo(expected, 12);
    else expect(result).toBe(expected);
  });

  it('clamp stays within, and does nothing twice', () => {
    fc.assert(
      fc.property(finiteNumber, finiteNumber, finiteNumber, (x, a, b) => {
        const value = { x, low: Math.min(a, b), high: Math.max(a, b) };
        const clamped = evaluate('clamp(x, low, high)', value) as number;
        expect(clamped >= value.low && clamped <= value.high).toBe(true);
        expect(evaluate('clamp(clamp(x, low, high), low, high)', value)).toBe(clamped);
      }),
    );
  });
});

test.each([
  ['quantile(list, 99)', 'q is a number between 0 and 1, not 99'],
  ['zscore(x, 0, 0)', 'stddev is above 0'],
  ['clamp(x, 10, 0)', 'low (10) is above high (0)'],
  ['scale(x, 5, 5, 0, 1)', 'the range is empty'],
  ['log(0)', '0 has no logarithm'],
  ['log(x, 1)', 'no base is 1'],
  ['sum(1, 2)', 'it takes 1 argument, not 2'],
  ['avg(abs(x))', 'list is of type array'],
])('%s is refused when it is loaded', (text, message) => {
  expect(complaint(text)).toContain(message);
});
