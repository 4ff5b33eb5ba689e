import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Emitted, OperatorDriver, operatorOf } from '../../../test/support/operator-driver.ts';
import { window } from '../window.ts';

const SIZE = 5;

const drive = (options: object = {}, more: ConstructorParameters<typeof OperatorDriver>[1] = {}): OperatorDriver =>
  new OperatorDriver(operatorOf(window, { sliding: `${SIZE}ms`, compute: { n: 'count()' }, ...options }), more);

function line({ value, version }: Emitted): string {
  if (value === null) return `void ${version}`;
  const { start, end } = value['window'] as { start: string; end: string };
  return `[${Date.parse(start)},${Date.parse(end)}] ${value['n']} ${value['pane']}/${value['revision']}`;
}

const lines = (driver: OperatorDriver): string[] => driver.emitted.map(line);

describe('sliding windows', () => {
  it('are complete when the watermark comes to their last moment', () => {
    const driver = drive();
    driver.record({}, 10);
    driver.watermark(9);
    expect(lines(driver)).toEqual([]);
    driver.watermark(10);
    expect(lines(driver)).toEqual(['[5,10] 1 on_time/1']);
    driver.record({}, 12);
    driver.watermark(100);
    expect(lines(driver).slice(1)).toEqual(['[7,12] 2 on_time/1', '[11,16] 1 on_time/1']);
    expect(driver.operator.size).toBe(0);
  });

  it('take a late record into those that are not complete', () => {
    const driver = drive();
    driver.record({}, 10);
    driver.record({}, 14);
    driver.watermark(12);
    expect(driver.record({}, 11)).toEqual({ kind: 'absorbed' });
    expect(driver.record({}, 7)).toEqual({ kind: 'dropped' });
    driver.watermark(100);
    driver.cut();
    expect(lines(driver)).toEqual([
      '[5,10] 1 on_time/1',
      // The late record's own, [6,11], was complete before it came.
      '[9,14] 3 on_time/1',
      '[11,16] 2 on_time/1',
      '[12,17] 1 on_time/1',
    ]);
    expect(driver.counters).toMatchObject({ pairs: 4, assigned: 3, lateDropped: 1 });
  });

  it('know which of two records of one time came first, though one was late for some windows', () => {
    const driver = drive({ compute: { first: 'first(v)', last: 'last(v)' } });
    driver.record({ v: 1 }, 10);
    driver.watermark(12);
    driver.record({ v: 2 }, 10);
    driver.record({ v: 3 }, 13);
    driver.cut();
    driver.watermark(100);
    driver.cut();
    const found = driver.emitted.map(({ value, time }) => [time, value?.['first'], value?.['last']]);
    expect(found).toContainEqual([13, 1, 3]);
    expect(found).toContainEqual([10, 1, 1]);
  });

  it('are revised within keep', () => {
    const driver = drive({ keep: '3ms' });
    driver.record({}, 10);
    driver.watermark(12);
    driver.record({}, 9);
    driver.watermark(100);
    expect(lines(driver)).toEqual(['[5,10] 1 on_time/1', '[5,10] 2 late/2', '[10,15] 1 on_time/1']);
    expect(driver.operator.size).toBe(0);
  });

  it('emit updates, and at intervals', () => {
    const update = drive({ emit: 'update' });
    update.record({}, 10);
    update.cut();
    update.record({}, 12);
    update.cut();
    expect(lines(update)).toEqual(['[5,10] 1 early/1', '[7,12] 2 early/1', '[11,16] 1 early/1']);
    const every = drive({ emit: 'every 1s', having: 'n < 2' });
    every.operator.tick(0);
    every.record({}, 10);
    every.operator.tick(1000);
    every.record({}, 10);
    every.cut();
    every.restart();
    every.operator.tick(1000);
    every.operator.tick(2000);
    every.operator.tick(3000);
    expect(lines(every)).toEqual(['[5,10] 1 early/1', 'void 2']);
  });

  it('emit what is open at the end of a bounded run, and have a bound', () => {
    const driver = drive({ max_groups: 2 });
    driver.record({}, 10);
    driver.record({}, 12);
    driver.record({}, 12);
    expect(driver.record({}, 13)).toMatchObject({ code: 'WINDOW_TOO_MANY_GROUPS' });
    driver.watermark(10);
    driver.operator.emitOpen();
    expect(lines(driver).slice(1)).toEqual(['[7,12] 3 early/0', '[11,16] 2 early/0']);
  });

  it('are what a batch computation finds, for records that are not late, in any order within wait', () => {
    const jitter = 6;
    const steps = fc.array(fc.record({ step: fc.nat(7), back: fc.nat(jitter) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.constantFrom({}, { keep: '9ms' }), (all, options) => {
        const driver = drive(options, { wait: jitter });
        let now = 0;
        const times = all.map(({ step, back }) => {
          now += step;
          return now - back;
        });
        for (const time of times) {
          driver.record({}, time);
          if (time % 3 === 0) driver.cut();
        }
        driver.watermark(10_000);
        expect(lines(driver)).toEqual(batchWindows(times));
      }),
      { numRuns: 300 },
    );
  });
});

function batchWindows(times: readonly number[]): string[] {
  const starts = new Set(times.flatMap((time) => [time - SIZE, time + 1]));
  return [...starts]
    .toSorted((a, b) => a - b)
    .map((start) => ({ start, n: times.filter((time) => time >= start && time <= start + SIZE).length }))
    .filter(({ n }) => n > 0)
    .map(({ start, n }) => `[${start},${start + SIZE}] ${n} on_time/1`);
}
