import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Emitted, OperatorDriver, operatorOf } from '../../../test/support/operator-driver.ts';
import { window } from '../window.ts';

const drive = (options: object, more: ConstructorParameters<typeof OperatorDriver>[1]): OperatorDriver =>
  new OperatorDriver(operatorOf(window, { by: ['k'], compute: { n: 'count()' }, ...options }), more);

const line = ({ value, key, id, version }: Emitted): string => JSON.stringify([key, id, version, value]);
const lines = (driver: OperatorDriver): string[] => driver.emitted.map(line);

describe('state', () => {
  const record = fc.record({ k: fc.constantFrom('a', 'b', 'c'), time: fc.integer({ min: -30, max: 60 }) });
  const step = fc.oneof(
    { weight: 6, arbitrary: record },
    { weight: 2, arbitrary: fc.constant('cut' as const) },
    { weight: 1, arbitrary: fc.constantFrom('rollback' as const, 'restart' as const) },
  );
  const kinds = fc.constantFrom<object>(
    { tumbling: '10ms' },
    { hopping: { size: '10ms', every: '4ms' } },
    { hopping: { size: '3ms', every: '5ms' }, keep: '8ms' },
    { tumbling: '10ms', keep: '15ms' },
    { tumbling: '10ms', keep: '15ms', having: 'n !== 2' },
    { sliding: '6ms' },
    { sliding: '6ms', keep: '10ms' },
    { sliding: '6ms', keep: '10ms', having: 'n !== 2' },
    { session: '4ms' },
    { session: '4ms', keep: '10ms' },
    { session: '4ms', keep: '10ms', having: 'n !== 2' },
  );

  it('is the same whatever was taken back, restored, and cut', () => {
    fc.assert(
      fc.property(kinds, fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 2 }), (options, steps, inFlight) => {
        const driver = drive(options, { wait: 5, inFlight });
        const plain = drive(options, { wait: 5 });
        let pending: { k: string; time: number }[][] = [[]];
        const replay = (): void => {
          // The runtime reads again what was not committed.
          const again = pending.flat();
          pending = [again];
          for (const { k, time } of again) driver.record({ k }, time);
        };
        for (const each of steps) {
          if (typeof each === 'object') {
            pending.at(-1)?.push(each);
            driver.record({ k: each.k }, each.time);
            plain.record({ k: each.k }, each.time);
          } else if (each === 'cut') {
            driver.cut();
            pending.push([]);
            while (pending.length > inFlight + 1) pending.shift();
          } else {
            driver[each]();
            replay();
          }
        }
        for (const one of [driver, plain]) {
          one.watermark(1000);
          one.cut();
          while (inFlight > 0 && one === driver && one.changelog.size > 0) one.cut();
        }
        expect(lines(driver).toSorted()).toEqual(lines(plain).toSorted());
        expect(driver.counters).toEqual(plain.counters);
        const { pairs, ...parts } = driver.counters;
        expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(pairs);
        expect([driver.operator.size, driver.changelog.size]).toEqual([0, 0]);
      }),
      { numRuns: 400 },
    );
  });
});
