import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCopier, piece } from './byte-copier.ts';

const SLACK = 3;

describe('ByteCopier', () => {
  it('copies any range to any place, and nothing beside it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), fc.nat(80), fc.nat(9), (bytes, a, b, to) => {
        const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        const source = Buffer.from(bytes);
        const target = Buffer.alloc(100, 7);
        const expected = Buffer.from(target);
        source.copy(expected, to, start, end);
        const copier = new ByteCopier();
        copier.between(source, target);
        expect(copier.range(to, start, end)).toBe(to + end - start);
        expect(target).toEqual(expected);
      }),
    );
  });

  it('writes pieces of any length, and at most three bytes behind them', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\u00ff', '{', '"'), maxLength: 20 }), fc.nat(9), (text, to) => {
        const target = Buffer.alloc(40, 7);
        const copier = new ByteCopier();
        copier.between(Buffer.alloc(0), target);
        const end = copier.piece(to, piece(text));
        expect(target.toString('latin1', to, end)).toBe(text);
        expect(target.subarray(0, to).every((byte) => byte === 7)).toBe(true);
        expect(target.subarray(end + SLACK).every((byte) => byte === 7)).toBe(true);
      }),
    );
  });
});
