import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../record/json.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { murmur3 } from './murmur.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { topFunctions } from './top.ts';

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1];

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

/** The largest relative error of some quantiles. */
function errorOf(sketch: QuantileSketch, values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const errors = QUANTILES.map((q) => {
    const exact = sorted[Math.floor(q * (sorted.length - 1))] as number;
    return exact === 0 ? Math.abs(sketch.quantile(q) as number) : Math.abs(((sketch.quantile(q) as number) - exact) / exact);
  });
  return Math.max(...errors);
}

const number = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
);
const numbers = fc.array(number, { minLength: 1, maxLength: 200 });
const ROUNDING = 1e-9;

describe('QuantileSketch', () => {
  it('gives quantiles within 1%', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        expect(errorOf(sketchOf(values), values)).toBeLessThanOrEqual(0.01 + ROUNDING);
      }),
    );
  });

  it('is the same however values are ordered and merged, also where buckets are put together', () => {
    const wide = fc.array(fc.integer({ min: -12_000, max: 12_000 }), { minLength: 0, maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(wide, wide, (a, b) => {
        const [x, y] = [a, b].map((exponents) =>
          exponents.map((each) => Math.sign(each || 1) * Math.exp(Math.abs(each) / 20 - 300)),
        );
        const all = sketchOf([...(x ?? []), ...(y ?? [])]);
        const merged = sketchOf(y ?? []);
        merged.merge(sketchOf(x ?? []));
        expect(merged.encode()).toEqual(all.encode());
        const read = QuantileSketch.decode(JSON.parse(JSON.stringify(all.encode())) as JsonValue);
        expect(read.encode()).toEqual(all.encode());
        expect(QUANTILES.map((q) => read.quantile(q))).toEqual(QUANTILES.map((q) => all.quantile(q)));
      }),
      { numRuns: 20 },
    );
  });

  it('doubles the error where values spread over more than its buckets, and keeps within that', () => {
    const values = Array.from({ length: 5000 }, (_, i) => Math.exp(i / 20 - 100));
    const sketch = sketchOf(values);
    expect(sketch.accuracy).toBeGreaterThan(0.019);
    expect(sketch.accuracy).toBeLessThan(0.09);
    expect(errorOf(sketch, values)).toBeLessThanOrEqual(sketch.accuracy + ROUNDING);
    expect((sketch.encode() as JsonValue[][])[4]?.length).toBeLessThanOrEqual(2 * 2048);
  });

  it('takes over the coarser buckets of what it merges', () => {
    const wide = Array.from({ length: 5000 }, (_, i) => Math.exp(i / 20 - 100));
    const narrow = Array.from({ length: 500 }, (_, i) => -i);
    const merged = sketchOf(narrow);
    merged.merge(sketchOf(wide));
    expect(merged.encode()).toEqual(sketchOf([...wide, ...narrow]).encode());
  });

  it('refuses what is no stored sketch', () => {
    for (const stored of [null, [], [0, 1, 2, 3, [1], []], ['x', 0, null, null, [], []]] as JsonValue[]) {
      expect(() => QuantileSketch.decode(stored)).toThrow('stored aggregates');
    }
  });
});

describe('HyperLogLog', () => {
  function estimateOf(count: number, prefix: string): number {
    const sketch = new HyperLogLog();
    for (let i = 0; i < count; i += 1) sketch.add(`${prefix}${i}`);
    return sketch.estimate();
  }

  it.each([0, 1, 10, 200, 1000, 4000, 10_000, 30_000])('estimates %d different texts within four standard errors', (count) => {
    for (const prefix of ['user-', '10.0.', 'é']) {
      expect(Math.abs(estimateOf(count, prefix) - count)).toBeLessThanOrEqual(count * 4 * (1.04 / 64));
    }
  });

  it('has no bias worth mentioning', () => {
    const errors = Array.from({ length: 40 }, (_, i) => estimateOf(5000, `${i}:`) / 5000 - 1);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(spread).toBeLessThan(0.025);
  });

  it('depends on the set of texts alone', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string({ unit: 'binary' })), (a, b) => {
        const [left, right, all] = [a, b, [...b, ...a, ...a]].map((texts) => {
          const sketch = new HyperLogLog();
          for (const text of texts) sketch.add(text);
          return sketch;
        }) as [HyperLogLog, HyperLogLog, HyperLogLog];
        left.merge(right);
        expect(left.encode()).toBe(all.encode());
        expect(HyperLogLog.decode(all.encode()).encode()).toBe(all.encode());
      }),
    );
  });

  it('refuses what is no stored estimate', () => {
    expect(() => HyperLogLog.decode('AAA')).toThrow('stored aggregates');
    expect(() => HyperLogLog.decode('/'.repeat(4096))).toThrow('stored aggregates');
    expect(() => HyperLogLog.decode('='.repeat(4096))).toThrow('stored aggregates');
  });

  it('hashes as MurmurHash3_x86_32 does, over UTF-16', () => {
    // Bytes 0xff 0xff 0xff 0xff and 0x21 0x43 0x65 0x87, from the published test vectors of the function.
    expect(murmur3('\uffff\uffff', 0)).toBe(0x76293b50);
    expect(murmur3('\u4321\u8765', 0)).toBe(0xf55b516b);
    expect(murmur3('\u4321\u8765', 0x5082edee)).toBe(0x2362f9de);
    expect(murmur3('\u4321', 0)).toBe(0xa0f7b07a);
    expect(murmur3('', 1)).toBe(0x514e28b7);
  });
});

describe('top', () => {
  const [top] = topFunctions;
  const frequencies = top?.accumulator([]) as NonNullable<ReturnType<NonNullable<typeof top>['accumulator']>>;

  it('finds what is frequent among many rare values, with counts too low by at most n / 1001', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.boolean(), (rare, merges) => {
        const states = [frequencies.create(), frequencies.create()] as const;
        let seen = 0;
        const add = (value: string): void => {
          frequencies.add(states[merges ? seen % 2 : 0] as unknown, 0, value, null);
          seen += 1;
        };
        for (let i = 0; i < rare; i += 1) add(`rare-${i}`);
        for (let i = 0; i < 300; i += 1) for (const value of ['a', '__proto__']) add(value);
        for (let i = 0; i < 100; i += 1) add('b');
        frequencies.merge(states[0], states[1]);
        const found = top?.result(states[0], [3]) as { value: string; count: number }[];
        expect(found.map(({ value }) => value)).toEqual(['__proto__', 'a', 'b']);
        for (const [i, exact] of [300, 300, 100].entries()) {
          expect(found[i]?.count).toBeLessThanOrEqual(exact);
          expect(found[i]?.count).toBeGreaterThanOrEqual(exact - seen / 1001);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('stays within its bounds with long values', () => {
    const state = frequencies.create() as { counts: Map<string, number>; size: number };
    for (let i = 0; i < 5000; i += 1) frequencies.add(state, 0, `${i}`.padStart(4000, 'x'), null);
    const lengths = [...state.counts.keys()].reduce((sum, key) => sum + key.length, 0);
    expect(state.size).toBe(lengths);
    expect(lengths).toBeLessThanOrEqual(131_072);
    expect(frequencies.add(state, 0, 'x'.repeat(5000), null)).toBe(false);
  });
});
