import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toIso } from '../../record/iso-time.ts';

it('writes times as Date does', () => {
  const ms = fc.integer({ min: Date.UTC(0, 0, 1) - 86_400_000 * 366 * 1900, max: Date.UTC(10_001, 0, 1) });
  fc.assert(
    fc.property(ms, fc.array(fc.integer({ min: -70_000, max: 70_000 }), { maxLength: 4 }), (first, steps) => {
      for (const step of [0, ...steps]) expect(toIso(first + step)).toBe(new Date(first + step).toISOString());
    }),
  );
});
