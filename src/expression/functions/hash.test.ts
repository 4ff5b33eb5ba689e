import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import { murmur3 } from './murmur3.ts';

describe('hashes', () => {
  // Of Python's hashlib and zlib, of UTF-8.
  const text = 'Grüße, 世界 🌍';
  test.each([
    ['sha1', '39e1c43698b4655b916ca43c59e8961f896a2639'],
    ['crc32', 1_488_641_533],
  ])('%s', (name, expected) => {
    expect(evaluate(`${name}(text)`, { text })).toBe(expected);
    expect(evaluate(`${name}(text)`, { text: 7 })).toBeUndefined();
  });

  it('sha512', () => {
    expect(evaluate('sha512(text)', { text })).toMatch(/^dd9dcf51647a3218c76bad49b9d356b1[\da-f]{96}$/);
    expect(evaluate("sha512('')")).toMatch(/^cf83e1357eefb8bdf1542850d66d8007/);
  });
});

describe('bucket', () => {
  // Published values of MurmurHash3_x86_32 with seed 0.
  test.each([
    ['', 0],
    ['test', 0xba6bd213],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('hashes %j as MurmurHash3 does', (text, hash) => {
    expect(murmur3(Buffer.from(text))).toBe(hash);
  });

  // The hashes of Iceberg's specification, appendix B, with the sign bit left out.
  test.each<[unknown, number]>([
    ['iceberg', 1_210_000_089],
    [34, 2_017_239_379],
    [true, 1_392_991_556],
    [1.5, murmur3(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x3f])) & 0x7fffffff],
  ])('of %j is that of Iceberg', (value, hash) => {
    for (const n of [1, 7, 100, 2 ** 31]) expect(evaluate('bucket(value, n)', { value, n } as never)).toBe(hash % n);
  });

  it('spreads evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const bucket = evaluate('bucket(id, 10)', { id: `user-${i}` }) as number;
      counts[bucket] = (counts[bucket] as number) + 1;
    }
    // Chi-square with nine degrees of freedom: above 27.9 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
  });

  it('is one of 0 to n - 1, and missing for what is no scalar or no number of buckets', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.integer()),
        fc.integer({ min: 1, max: 1000 }),
        (value, n) => {
          const bucket = evaluate('bucket(value, n)', { value, n }) as number;
          expect(Number.isInteger(bucket) && bucket >= 0 && bucket < n).toBe(true);
        },
      ),
    );
    for (const value of [null, [1], { a: 1 }]) expect(evaluate('bucket(value, 2)', { value })).toBeUndefined();
    for (const n of [0, 1.5, -3, 2 ** 31 + 1, '2']) expect(evaluate("bucket('x', n)", { n })).toBeUndefined();
    expect(complaint('bucket(x, 0)')).toContain('n is a whole number from 1 to 2147483648, not 0');
  });
});
