import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetSet } from './offset-set.ts';

describe('OffsetSet', () => {
  it('has what was added and nothing else, up to the highest offsets', () => {
    const offsets = fc.array(fc.oneof(fc.nat(200_000), fc.maxSafeNat()));
    fc.assert(
      fc.property(offsets, offsets, (added, asked) => {
        const set = new OffsetSet();
        for (const offset of added) set.add(offset);
        for (const offset of [...added, ...asked]) expect(set.has(offset)).toBe(added.includes(offset));
      }),
    );
  });
});
