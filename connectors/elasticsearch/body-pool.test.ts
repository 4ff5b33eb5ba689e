import { expect, it } from 'vitest';
import { BodyPool } from './body-pool.ts';

it('gives the same memory again where it fits, and never one buffer twice', () => {
  const pool = new BodyPool(2);
  const first = pool.take(100_000);
  expect(first.length).toBe(131_072);
  pool.give(first);
  const again = pool.take(120_000);
  expect(again).toBe(first);
  expect(pool.take(120_000)).not.toBe(first);
});

it('keeps no more buffers than it is told to, and lets small ones go when larger ones are needed', () => {
  const pool = new BodyPool(2);
  const given = [1, 2, 3].map(() => pool.take(1));
  for (const buffer of given) pool.give(buffer);
  const kept = [pool.take(1), pool.take(1), pool.take(1)].filter((buffer) => given.includes(buffer));
  expect(kept).toHaveLength(2);
  for (const buffer of kept) pool.give(buffer);
  for (const buffer of [pool.take(1_000_000), pool.take(1_000_000)]) pool.give(buffer);
  expect(given.includes(pool.take(1))).toBe(false);
});
