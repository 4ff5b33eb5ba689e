import { describe, expect, it } from 'vitest';
import { aggregationOf } from '../../../test/support/aggregation.ts';
import { recordOf } from '../../../test/support/run-step.ts';
import { compileExpression, defaultScope } from '../../expression/index.ts';
import type { JsonObject } from '../../record/json.ts';

/** What `compute` gives over these records, one a second. */
function computed(compute: Record<string, string>, records: readonly JsonObject[], result: JsonObject = {}): JsonObject {
  const aggregation = aggregationOf(compute);
  const accumulators = aggregation.create();
  for (const [i, record] of records.entries()) aggregation.add(accumulators, recordOf(record), i * 1000);
  aggregation.results(accumulators, result);
  return result;
}

describe('compileAggregation', () => {
  it('counts, sums and averages', () => {
    const compute = {
      n: 'count()',
      bytes: 'sum(http.bytes)',
      mean: 'avg(http.bytes)',
      least: 'min(http.bytes)',
      most: 'max(http.bytes)',
    };
    const records = [{ http: { bytes: 5 } }, { http: { bytes: 10 } }, { http: {} }];
    expect(computed(compute, records)).toEqual({ n: 3, bytes: 15, mean: 7.5, least: 5, most: 10 });
  });

  it('computes with aggregates, fields of the group and fields computed before', () => {
    const compute = { errors: 'count_if(status >= 500)', rate: 'round(errors / count(), 2)', of: "host + ' ' + window.end" };
    const records = [{ status: 500 }, { status: 200 }, { status: 503 }];
    expect(computed(compute, records, { host: 'web', window: { end: 'x' } })).toEqual({
      host: 'web',
      window: { end: 'x' },
      errors: 2,
      rate: 0.67,
      of: 'web x',
    });
  });

  it('sets nested fields by dotted names', () => {
    expect(computed({ 'stats.errors': 'count()', 'stats.twice': 'stats.errors * 2' }, [{}])).toEqual({
      stats: { errors: 1, twice: 2 },
    });
  });

  it('takes names that are functions too for the aggregate, unless they cannot be one', () => {
    const compute = { a: 'max(x)', b: 'max(sum(x), 100)', c: 'max(max(x, y))', d: 'max(a, b)', e: 'min(max(x), 2)' };
    expect(computed(compute, [{ x: 1, y: 7 }, { x: 5 }])).toEqual({ a: 5, b: 100, c: 7, d: 100, e: 2 });
  });

  it('gathers once what is gathered by several calls, in whatever order they stand', () => {
    const aggregation = aggregationOf({ a: 'sum( x )/count()', b: 'avg(x)', c: '(sum(x))', d: 'count()' });
    expect(aggregation.create()).toHaveLength(2);
    expect(aggregation.fingerprint).toEqual([1, [['count'], ['sum', 'x']]]);
    expect(aggregationOf({ d: 'count()', b: 'avg(x)' }).fingerprint).toEqual(aggregation.fingerprint);
    expect(aggregationOf({ b: "avg(y['a  b'])" }).fingerprint).not.toEqual(aggregationOf({ b: "avg(y['a b'])" }).fingerprint);
  });

  it('leaves out what cannot be computed', () => {
    expect(computed({ a: 'avg(x)', b: 'sum(x)', c: 'min(x)', n: 'count(x)', d: 'sum(x) / 0' }, [{ x: null }, {}])).toEqual({
      n: 0,
    });
    expect(computed({ a: 'sum(x)', b: 'avg(x)' }, [{ x: 1e308 }, { x: 1e308 }])).toEqual({});
  });

  it('leaves out values of another type, and counts them', () => {
    const aggregation = aggregationOf({ total: 'sum(price)', mean: 'avg(price)', n: 'count(price)' });
    const accumulators = aggregation.create();
    for (const price of [1, '2', null, true, [3]]) aggregation.add(accumulators, recordOf({ price }), 0);
    const result = {};
    aggregation.results(accumulators, result);
    expect(result).toEqual({ total: 1, mean: 1, n: 4 });
    expect(aggregation.leftOut).toEqual([
      { call: 'count(price)', takes: 'anything', count: 0 },
      { call: 'sum(price)', takes: 'numbers', count: 3 },
    ]);
  });

  it('shares nothing between a result and what comes after it', () => {
    const group: JsonObject = { tags: { a: 1 } };
    computed({ copy: 'tags' }, [], group);
    (group['copy'] as JsonObject)['a'] = 2;
    expect(group['tags']).toEqual({ a: 1 });
  });

  it('gives a result over which `having` is an ordinary expression', () => {
    const record = recordOf(computed({ n: 'count()', 'stats.sum': 'sum(x)' }, [{ x: 4 }, { x: 1 }], { host: 'web' }));
    const having = compileExpression("n > 1 && stats.sum === 5 && host === 'web'", defaultScope);
    expect(having.ok && having.evaluate(record)).toBe(true);
  });

  it('refuses stored state of another form', () => {
    const aggregation = aggregationOf({ a: 'sum(x)', n: 'count()' });
    expect(() => aggregation.decode([1])).toThrow('expected a list of 2');
    expect(() => aggregation.decode(['x', [0, 0, 0]])).toThrow('expected a count');
    expect(aggregation.encode(aggregation.decode([3, [2, 1.5, 0]]))).toEqual([3, [2, 1.5, 0]]);
  });
});
