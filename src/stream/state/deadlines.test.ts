import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('gives out what is due soonest, in any order of adding', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (times) => {
      const deadlines = new Deadlines<number>();
      for (const time of times) deadlines.add(time, time);
      const taken: number[] = [];
      while (deadlines.next < Number.POSITIVE_INFINITY) taken.push(deadlines.take());
      expect(taken).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});

test('is due never where it is empty', () => {
  const deadlines = new Deadlines<string>();
  deadlines.add(1, 'a');
  deadlines.clear();
  expect(deadlines.next).toBe(Number.POSITIVE_INFINITY);
});
