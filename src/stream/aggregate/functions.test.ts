import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aggregationOf } from '../../../test/support/aggregation.ts';
import { recordOf } from '../../../test/support/run-step.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { aggregateFunctions } from './functions.ts';

/** What an aggregate gives over these values of `x`, one a second, or those at `times`. */
function over(call: string, values: readonly JsonValue[], times: readonly number[] = []): JsonValue | undefined {
  const aggregation = aggregationOf({ it: call });
  const accumulators = aggregation.create();
  for (const [i, x] of values.entries()) aggregation.add(accumulators, recordOf({ x }), times[i] ?? i * 1000);
  const result: JsonObject = {};
  aggregation.results(accumulators, result);
  return result['it'];
}

describe('aggregate functions', () => {
  it('all stand in the guide', () => {
    const guide = readFileSync(new URL('../../../docs/guide/aggregates.md', import.meta.url), 'utf8');
    expect(aggregateFunctions.filter(({ name }) => !guide.includes(`| \`${name}(`) && !guide.includes(`, \`${name}(`))).toEqual(
      [],
    );
  });

  it.each(aggregateFunctions.map(({ name, example }) => [name, example] as const))('%s: its example is true', (_, example) => {
    const { text, over: values, result } = example;
    const aggregation = aggregationOf({ it: text });
    const accumulators = aggregation.create();
    const pairs = text.includes('y)');
    for (const [i, value] of values.entries()) {
      const [x, y] = pairs ? (value as JsonValue[]) : [value];
      aggregation.add(accumulators, recordOf({ x: x ?? null, y: y ?? null }), i * 1000);
    }
    const computed: JsonObject = {};
    aggregation.results(accumulators, computed);
    expect(computed['it']).toEqual(result);
  });

  it('sums fractions as if they were added exactly, whatever the order', () => {
    expect(over('sum(x)', [1, 1e100, 1, -1e100])).toBe(2);
    expect(over('sum(x)', Array(10).fill(0.1))).toBe(1);
    expect(over('sum(x)', [9007199254740991, -1, 1])).toBe(9007199254740991);
  });

  it('keeps what was rounded off when sums are merged', () => {
    const aggregation = aggregationOf({ it: 'sum(x)' });
    const [into, from] = [aggregation.create(), aggregation.create()];
    for (const x of [1, 1e100]) aggregation.add(into, recordOf({ x }), 0);
    for (const x of [1, -1e100]) aggregation.add(from, recordOf({ x }), 0);
    aggregation.merge(into, aggregation.decode(JSON.parse(JSON.stringify(aggregation.encode(from))) as JsonValue));
    const result = {};
    aggregation.results(into, result);
    expect(result).toEqual({ it: 2 });
  });

  it('computes a variance that does not drown in a large mean', () => {
    expect(over('variance(x)', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBe(30);
    expect(over('stddev(x)', [5])).toBeUndefined();
  });

  it('takes texts for extremes where there is no number', () => {
    expect(over('min(x)', ['b', 'a'])).toBe('a');
    expect(over('max(x)', ['b', 3, 'a', 2])).toBe(3);
    expect(over('min(x)', [true, []])).toBeUndefined();
  });

  it('goes by event time, then by arrival', () => {
    expect(over('first(x)', ['a', 'b', 'c'], [5, 3, 3])).toBe('b');
    expect(over('last(x)', ['a', 'b', 'c'], [5, 3, 5])).toBe('c');
    expect(over('collect(x, 3)', ['a', 'b', 'c', 'd'], [5, 3, 3, 4])).toEqual(['b', 'c', 'd']);
  });

  it('keeps no part of a record that changes later', () => {
    const aggregation = aggregationOf({ all: 'collect(x)', it: 'last(x)', by: 'min_by(x, 1)' });
    const accumulators = aggregation.create();
    const x: JsonObject = { a: 1 };
    aggregation.add(accumulators, recordOf({ x }), 0);
    x['a'] = 2;
    const result: JsonObject = {};
    aggregation.results(accumulators, result);
    expect(result).toEqual({ all: [{ a: 1 }], it: { a: 1 }, by: { a: 1 } });
    ((result['all'] as JsonValue[])[0] as JsonObject)['a'] = 3;
    const again: JsonObject = {};
    aggregation.results(accumulators, again);
    expect(again['all']).toEqual([{ a: 1 }]);
  });

  it('counts names of prototypes as any other value', () => {
    const names = ['__proto__', 'constructor', '__proto__', 'toString'];
    expect(over('top(x)', names)).toEqual([
      { value: '__proto__', count: 2 },
      { value: 'constructor', count: 1 },
      { value: 'toString', count: 1 },
    ]);
    expect(over('collect_distinct(x)', names)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(over('distinct(x)', names)).toBe(3);
    const parsed = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;
    expect(JSON.stringify(over('last(x)', [parsed]))).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('tells values of different types apart', () => {
    expect(over('distinct(x)', [1, '1', true, 'true', [1], '[1]', { a: 1 }])).toBe(7);
  });

  it('leaves out what is nested too deeply, and adds the record to all others', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as JsonValue;
    const calls = ['last(x)', 'min_by(x, 1)', 'distinct(x)', 'approx_distinct(x)', 'top(x)', 'collect(x)', 'collect_distinct(x)'];
    const aggregation = aggregationOf(Object.fromEntries([...calls, 'count()'].map((call, i) => [`f${i}`, call])));
    const accumulators = aggregation.create();
    aggregation.add(accumulators, recordOf({ x: deep }), 0);
    const result: JsonObject = {};
    aggregation.results(accumulators, result);
    expect(result).toEqual({ f2: 0, f3: 0, f4: [], f5: [], f6: [], f7: 1 });
    expect(aggregation.leftOut?.filter(({ count }) => count === 1)).toHaveLength(calls.length);
  });

  it('bounds the size of what it keeps', () => {
    const long = 'x'.repeat(65_537);
    expect(over('last(x)', ['a', long])).toBe('a');
    expect(over('max(x)', ['a', long])).toBe('a');
    expect(over('collect(x)', ['a', long, 'b'])).toEqual(['a', 'b']);
    const half = 'y'.repeat(40_000);
    expect(over('collect(x)', ['b', half, `${half}z`, 'a'])).toEqual(['b', half]);
  });

  it('gives the same list whatever comes first of what does not fit', () => {
    const big = 'y'.repeat(40_000);
    const values = ['a', big, `${big}z`, 'b'];
    expect(over('collect(x)', values.toReversed(), [4, 3, 2, 1])).toEqual(over('collect(x)', values, [1, 2, 3, 4]));
  });

  it('counts different values exactly up to its bound, then estimates', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);
    expect(over('distinct(x)', texts.slice(0, 10_000))).toBe(10_000);
    expect(Math.abs((over('distinct(x)', texts) as number) / 20_000 - 1)).toBeLessThan(0.05);
    expect(over('approx_distinct(x)', texts)).toBe(over('distinct(x)', texts));
  });
});
