import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import type { Accumulators } from '../../src/sdk/aggregation.ts';
import { aggregateFunctions } from '../../src/stream/aggregate/functions.ts';
import { aggregationOf } from '../support/aggregation.ts';
import { recordOf } from '../support/run-step.ts';

interface Row {
  readonly time: number;
  readonly value: JsonObject;
}

const ARGUMENTS: Readonly<Record<string, string>> = {
  count: 'x',
  count_if: 'c',
  min_by: 'x, y',
  max_by: 'x, y',
  quantile: 'x, 0.9',
  top: 'x, 5',
  collect: 'x, 4',
  collect_distinct: 'x, 3',
};

const compute = Object.fromEntries(aggregateFunctions.map(({ name }) => [name, `${name}(${ARGUMENTS[name] ?? 'x'})`]));
const aggregation = aggregationOf(compute);

const text = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'a', 'b', '', '"', '1'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const whole = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -1_000_000, max: 1_000_000 }));
const scalar: fc.Arbitrary<JsonValue> = fc.oneof({ arbitrary: whole, weight: 4 }, text, fc.boolean(), fc.constant(null));
const x: fc.Arbitrary<JsonValue> = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(text, scalar, { maxKeys: 2 }),
);
const value = fc.record({ x, y: fc.oneof(whole, text), c: fc.boolean() }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
const rows = fc.array(fc.record({ time: fc.integer({ min: -5, max: 5 }), value }), { maxLength: 40 });
/** Rows of which no two have the same time, so that their order of arrival means nothing. */
const apart = fc
  .uniqueArray(fc.record({ time: fc.integer({ min: -99, max: 99 }), value }), { maxLength: 30, selector: ({ time }) => time })
  // Ties of an order go by arrival, also where the times differ.
  .map((all) => all.map(({ time, value: { y: _, ...rest } }) => ({ time, value: { ...rest, y: time } })));

function gathered(some: readonly Row[], into: Accumulators = aggregation.create()): Accumulators {
  for (const { time, value: fields } of some) aggregation.add(into, recordOf(fields), time);
  return into;
}

/** The result as JSON; numbers with a fraction to 9 digits, since their last ones may depend on the order. */
function resultOf(accumulators: Accumulators): unknown {
  const result: JsonObject = {};
  aggregation.results(accumulators, result);
  for (const name of ['stddev', 'variance']) {
    const number = result[name];
    if (typeof number === 'number') result[name] = Number(number.toPrecision(9));
  }
  return JSON.parse(JSON.stringify(result));
}

describe('aggregates', () => {
  it('give the same added at once, in parts that are merged in any bracketing, and through their stored form', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const whole = resultOf(gathered([...a, ...b, ...c]));
        const left = gathered(a);
        aggregation.merge(left, gathered(b));
        aggregation.merge(left, gathered(c));
        const right = gathered(b);
        aggregation.merge(right, gathered(c));
        const first = gathered(a);
        aggregation.merge(first, right);
        const stored = JSON.parse(JSON.stringify(aggregation.encode(gathered(a)))) as JsonValue;
        expect([resultOf(left), resultOf(first), resultOf(gathered([...b, ...c], aggregation.decode(stored)))]).toEqual([
          whole,
          whole,
          whole,
        ]);
      }),
    );
  });

  it('do not depend on the order, where no two records have the same time', () => {
    fc.assert(
      fc.property(apart, fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), fc.nat(30), (some, ranks, cut) => {
        const shuffled = some
          .map((row, i) => [ranks[i] ?? 0, row] as const)
          .toSorted(([m], [n]) => m - n)
          .map(([, row]) => row);
        const merged = gathered(shuffled.slice(cut));
        aggregation.merge(merged, gathered(shuffled.slice(0, cut)));
        expect([resultOf(gathered(shuffled)), resultOf(merged)]).toEqual(Array(2).fill(resultOf(gathered(some))));
      }),
    );
  });

  it('keep a clone, what was merged from, and what was encoded as they are', () => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const original = gathered(a);
        const before = JSON.stringify(aggregation.encode(original));
        const encoded = aggregation.encode(original);
        const clone = aggregation.clone(original);
        const into = aggregation.create();
        aggregation.merge(into, original);
        expect(JSON.stringify(aggregation.encode(clone))).toBe(before);
        gathered(b, clone);
        gathered(b, into);
        expect(JSON.stringify(aggregation.encode(original))).toBe(before);
        gathered(b, original);
        expect(JSON.stringify(encoded)).toBe(before);
      }),
    );
  });

  it('agree with a naive computation', () => {
    fc.assert(
      fc.property(rows, (some) => {
        expect(resultOf(gathered(some))).toMatchObject(naive(some));
      }),
    );
  });
});

/** What some of the aggregates are, computed from the list of all values. */
function naive(some: readonly Row[]): Record<string, unknown> {
  const present = some.filter(({ value: { x: field } }) => field !== undefined && field !== null);
  const values = present.map(({ value: { x: field } }) => field as JsonValue);
  const numbers = values.filter((each) => typeof each === 'number').toSorted((a, b) => a - b);
  const inTime = present.toSorted((a, b) => a.time - b.time).map(({ value: { x: field } }) => field);
  const total = numbers.reduce((sum, each) => sum + each, 0);
  const some1 = numbers.length > 0;
  const result = {
    count: values.length,
    count_if: some.filter(({ value: { c } }) => c === true).length,
    sum: some1 ? total : undefined,
    avg: some1 ? total / numbers.length : undefined,
    min: some1 ? numbers[0] : values.filter((each) => typeof each === 'string').toSorted((a, b) => (a < b ? -1 : 1))[0],
    max: some1 ? numbers.at(-1) : values.filter((each) => typeof each === 'string').toSorted((a, b) => (a > b ? -1 : 1))[0],
    first: inTime[0],
    last: inTime.at(-1),
    distinct: new Set(values.map((each) => JSON.stringify(each))).size,
    approx_distinct: new Set(values.map((each) => JSON.stringify(each))).size,
    collect: inTime.slice(0, 4),
    collect_distinct: [...new Set(inTime.map((each) => JSON.stringify(each)))]
      .slice(0, 3)
      .map((each) => JSON.parse(each) as unknown),
  };
  return JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
}
