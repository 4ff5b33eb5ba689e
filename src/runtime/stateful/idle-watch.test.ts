import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../../test/support/fake-kafka.ts';
import { PartitionClock } from '../../stream/time/partition-clock.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { IdleWatch } from './idle-watch.ts';

function setUp() {
  const time = new VirtualClock();
  const kafka = new FakeKafka(time);
  kafka.createTopic('in');
  const at = { topic: 'in', partition: 0 };
  const seen = { end: 0 };
  const watch = new IdleWatch({ lookup: kafka.admin(), clock: time, timeoutMs: 10_000, endOf: () => seen.end });
  const clock = new PartitionClock({ waitMs: 0, whenIdle: 'advance' });
  watch.watch(at, clock);
  /** Ticks every 200 ms for so long; at which of them the partition was idle, in ms. */
  const idleIn = async (ms: number): Promise<number[]> => {
    const found: number[] = [];
    for (let left = ms; left > 0; left -= 200) {
      await time.advance(200);
      if (watch.tick().includes(clock)) found.push(time.monotonic());
    }
    return found;
  };
  return { time, kafka, at, seen, watch, clock, idleIn };
}

describe('IdleWatch', () => {
  it('finds a partition that is caught up and quiet for the timeout, then every second', async () => {
    const { idleIn } = setUp();
    expect(await idleIn(10_000)).toEqual([]);
    const found = await idleIn(5_000);
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(found[0]).toBeLessThan(12_000);
  });

  it('finds none that is behind', async () => {
    const { kafka, at, seen, idleIn } = setUp();
    kafka.produce(at, ['x']);
    expect(await idleIn(20_000)).toEqual([]);
    seen.end = 1;
    expect((await idleIn(2_000)).length).toBeGreaterThan(0);
  });

  it('finds none whose end has not been seen, or is not known', async () => {
    const { kafka, seen, idleIn } = setUp();
    seen.end = -1;
    expect(await idleIn(15_000)).toEqual([]);
    seen.end = 0;
    kafka.script = (point) => (point === 'watermarks' ? 'retriable' : undefined);
    expect(await idleIn(5_000)).toEqual([]);
  });

  it('begins anew with a record, also one that comes between the look and the tick', async () => {
    const { time, watch, clock, idleIn } = setUp();
    await idleIn(10_000);
    // The look is under way now; its answer must not count.
    await time.advance(1_000);
    watch.tick();
    await time.settle();
    watch.active(clock);
    expect(watch.tick()).toEqual([]);
    expect(await idleIn(9_800)).toEqual([]);
    expect((await idleIn(2_400)).length).toBeGreaterThan(0);
  });

  it('does not count time in which the process was blocked', async () => {
    const { time, watch, clock, idleIn } = setUp();
    await idleIn(12_000);
    clock.passIdle(0);
    await time.advance(5_000);
    watch.tick();
    expect(clock.idle).toBe(false);
    expect(await idleIn(9_800)).toEqual([]);
    expect((await idleIn(2_400)).length).toBeGreaterThan(0);
  });

  it('forgets partitions', async () => {
    const { watch, clock, idleIn } = setUp();
    await idleIn(11_000);
    watch.forget(clock);
    expect(await idleIn(5_000)).toEqual([]);
  });
});
