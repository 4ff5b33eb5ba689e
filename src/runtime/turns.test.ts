import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Work that ends when it is told to. */
function pieces(turns: Turns, count: number, signal = new AbortController().signal) {
  const begun: number[] = [];
  const end: (() => void)[] = [];
  const ended = Array.from({ length: count }, (_, n) =>
    turns.run(() => {
      begun.push(n);
      return new Promise<number>((resolve) => {
        end[n] = () => resolve(n);
      });
    }, signal),
  );
  return { begun, end, ended };
}

it('begins what waits in its order, as others end', async () => {
  const { begun, end, ended } = pieces(new Turns(2), 4);
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  end[1]?.();
  await ended[1];
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  end[0]?.();
  end[2]?.();
  expect(await Promise.all([ended[0], ended[2]])).toEqual([0, 2]);
  end[3]?.();
  expect(await ended[3]).toBe(3);
});

it('gives its turn on where work fails, and lets go of what is not wanted any more', async () => {
  const turns = new Turns(1);
  const failing = turns.run(() => Promise.reject(new Error('broken')), new AbortController().signal);
  await expect(failing).rejects.toThrow('broken');
  const first = pieces(turns, 1);
  await Promise.resolve();
  const stop = new AbortController();
  const unwanted = pieces(turns, 1, stop.signal);
  const last = pieces(turns, 1);
  stop.abort(new Error('stop'));
  await expect(unwanted.ended[0]).rejects.toThrow('stop');
  first.end[0]?.();
  await first.ended[0];
  await Promise.resolve();
  expect([unwanted.begun, last.begun]).toEqual([[], [0]]);
  await expect(turns.run(() => Promise.resolve(), stop.signal)).rejects.toThrow('stop');
});
