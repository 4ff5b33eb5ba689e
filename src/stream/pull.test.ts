import { concatMap, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Credits, pull } from './pull.ts';

describe('Credits', () => {
  it('holds back whoever takes more than there are', async () => {
    const clock = new VirtualClock();
    const credits = new Credits(2);
    let taken = 0;
    const taking = (async () => {
      for (let i = 0; i < 5; i += 1) {
        await credits.take();
        taken += 1;
      }
    })();
    await clock.settle();
    expect(taken).toBe(2);
    credits.release();
    await clock.settle();
    expect(taken).toBe(3);
    for (let i = 0; i < 2; i += 1) credits.release();
    await taking;
    expect(credits.idle).toBe(false);
  });

  it('wakes a hundred thousand waiters without going deep', async () => {
    const credits = new Credits(1);
    await credits.take();
    const waiting = Array.from({ length: 100_000 }, () => credits.until(() => credits.free === 1));
    credits.release();
    await Promise.all(waiting);
    expect(credits.idle).toBe(true);
  });

  it('looks at a condition again when it is woken', async () => {
    const clock = new VirtualClock();
    const credits = new Credits(1);
    let holds = false;
    let settled = false;
    void credits
      .until(() => holds)
      .then(() => {
        settled = true;
      });
    credits.wake();
    await clock.settle();
    expect(settled).toBe(false);
    holds = true;
    credits.wake();
    await clock.settle();
    expect(settled).toBe(true);
  });
});

describe('pull', () => {
  it('takes no more than its credits ahead of a slow consumer, in order, and completes', async () => {
    const clock = new VirtualClock();
    const credits = new Credits(3);
    let next = 0;
    let out = 0;
    let most = 0;
    const take = async (): Promise<number | undefined> => {
      if (next === 20) return undefined;
      next += 1;
      out += 1;
      most = Math.max(most, out);
      return next;
    };
    const slow = async (item: number): Promise<number> => {
      await clock.sleep(10);
      out -= 1;
      credits.release();
      return item;
    };
    const items = await clock.run(lastValueFrom(pull(take, credits).pipe(concatMap(slow), toArray())));
    expect(items).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(most).toBeLessThanOrEqual(3);
    expect(credits.idle).toBe(true);
  });

  it('passes a failure of take on and gives its credit back', async () => {
    const credits = new Credits(2);
    await expect(lastValueFrom(pull(() => Promise.reject(new Error('no more')), credits))).rejects.toThrow('no more');
    expect(credits.idle).toBe(true);
  });

  it('gives the credit of an item back that comes after its consumer has failed', async () => {
    const clock = new VirtualClock();
    const credits = new Credits(2);
    let takes = 0;
    const take = async (): Promise<number> => {
      takes += 1;
      await clock.sleep(takes * 100);
      return takes;
    };
    const work = async (): Promise<never> => {
      await clock.sleep(10);
      credits.release();
      throw new Error('the consumer failed');
    };
    const running = lastValueFrom(pull(take, credits).pipe(mergeMap(work)));
    await expect(clock.run(running)).rejects.toThrow('the consumer failed');
    await clock.advance(1_000);
    expect(credits.idle).toBe(true);
    expect(takes).toBe(2);
  });
});
