import { describe, expect, it } from 'vitest';
import { systemClock } from '../sdk/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('wakes sleepers in their order, each before the next, and only when time has come', async () => {
    const clock = new VirtualClock(1_000);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now()}`);
      if (name === 'a') {
        await clock.sleep(5);
        woken.push(`again@${clock.now()}`);
      }
    };
    void sleeper('b', 20);
    void sleeper('a', 10);
    void sleeper('c', 20);
    await clock.advance(9);
    expect(woken).toEqual([]);
    await clock.advance(11);
    expect(woken).toEqual(['a@1010', 'again@1015', 'b@1020', 'c@1020']);
    expect(clock.monotonic()).toBe(20);
  });

  it('says when a condition can never hold', async () => {
    const clock = new VirtualClock();
    await expect(clock.advanceUntil(() => false)).rejects.toThrow('nobody sleeps');
    void clock.sleep(10_000).then(() => clock.sleep(10_000));
    await expect(clock.advanceUntil(() => false, 5_000)).rejects.toThrow('5000 ms');
  });
});

describe.each([
  ['the system clock', systemClock],
  ['the virtual clock', new VirtualClock()],
])('a sleep on %s', (_name, clock) => {
  it('rejects with the reason of its signal, before and during it', async () => {
    await expect(clock.sleep(1_000_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000_000, stop.signal);
    stop.abort(new Error('during'));
    await expect(sleeping).rejects.toThrow('during');
  });

  it('leaves no listener behind on a signal that lives long', async () => {
    const added: string[] = [];
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      added.push(args[0]);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      added.pop();
      remove(...args);
    };
    for (let i = 0; i < 20; i += 1) {
      const sleeping = clock.sleep(1, signal);
      if (clock instanceof VirtualClock) await clock.advance(1);
      await sleeping;
    }
    expect(added).toEqual([]);
  });
});
