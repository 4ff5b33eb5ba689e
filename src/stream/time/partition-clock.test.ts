import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import { PartitionClock } from './partition-clock.ts';

const rules = { waitMs: 1_000, whenIdle: 'advance' as const };

describe('PartitionClock', () => {
  it('is behind the latest time by the wait and 1 ms, whatever comes in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e12, max: 1e12 }), { minLength: 1 }), fc.nat(100_000), (times, waitMs) => {
        const clock = new PartitionClock({ waitMs, whenIdle: 'advance' });
        for (const [i, time] of times.entries()) {
          const before = clock.watermark;
          expect(clock.observe(time)).toBe(clock.watermark > before);
          expect(clock.watermark).toBe(Math.max(...times.slice(0, i + 1)) - waitMs - 1);
        }
      }),
    );
  });

  it('never goes back, in whatever turns records come, it is idle, and it is stored', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('record' as const), time: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('idle' as const), after: fc.nat(10_000) }),
      fc.record({ kind: fc.constant('wake' as const) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let clock = new PartitionClock(rules);
        let now = 50_000;
        for (const one of events) {
          const before = clock.watermark;
          if (one.kind === 'record') clock.observe(one.time);
          else if (one.kind === 'wake') clock.wake();
          else if (one.kind === 'restart') {
            const stored = clock.stored();
            clock = new PartitionClock(rules);
            clock.restore(stored);
          } else {
            now += one.after;
            clock.passIdle(now);
            // Idleness itself never passes the wall clock.
            expect(clock.watermark).toBeLessThanOrEqual(Math.max(before, now - rules.waitMs - 1));
          }
          expect(clock.watermark).toBeGreaterThanOrEqual(before);
          if (one.kind === 'restart') expect(clock.watermark).toBe(before);
        }
      }),
    );
  });

  it('goes on with the wall clock while it is idle, from where it was', () => {
    const clock = new PartitionClock(rules);
    clock.observe(10_000);
    expect(clock.passIdle(100_000)).toBe(true);
    expect(clock.watermark).toBe(8_999);
    expect(clock.passIdle(100_500)).toBe(true);
    expect(clock.watermark).toBe(9_499);
    // Time in which it was not idle does not count.
    clock.wake();
    clock.passIdle(200_000);
    expect(clock.watermark).toBe(9_499);
  });

  it('stays where it is while it is idle and to hold', () => {
    const clock = new PartitionClock({ ...rules, whenIdle: 'hold' });
    clock.observe(10_000);
    clock.passIdle(100_000);
    expect(clock.passIdle(200_000)).toBe(false);
    expect(clock.watermark).toBe(8_999);
    expect(clock.counts).toBe(true);
  });

  it('counts for nothing while it is idle and has never had a record', () => {
    const clock = new PartitionClock(rules);
    expect(clock.counts).toBe(true);
    clock.passIdle(1);
    expect([clock.counts, clock.watermark]).toEqual([false, NO_WATERMARK]);
    clock.wake();
    expect(clock.counts).toBe(true);
  });
});
