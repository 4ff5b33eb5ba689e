import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { eventsOf, inTurn, play, type ScriptEvent, scripts } from '../../test/support/rule-script.ts';
import type { JsonObject } from '../record/json.ts';
import { throttle } from './throttle.ts';

const PER = 20;
const LIMIT = 2;
const EXPIRES = 50;

function driven(options: object, times: readonly number[]): { driver: OperatorDriver; dropped: () => number } {
  let dropped = 0;
  const drop = (): void => {
    dropped += 1;
  };
  const create = operatorOf(throttle, options);
  const driver = new OperatorDriver((context) => create({ ...context, inOrder: true, drop }), { wait: 0 });
  for (const time of times) driver.record({ t: time }, time);
  return { driver, dropped: () => dropped };
}

const valuesOf = (options: object, times: readonly number[]): unknown[] =>
  driven(options, times).driver.emitted.map(({ value }) => value);

/** What each record becomes: a log of all that went on, looked through for each. */
function expected(events: readonly ScriptEvent[]): JsonObject[] {
  const passed: { k: unknown; time: number }[] = [];
  /** For each key, how many records had been beyond the limit when one went on last. */
  const counted = new Map<unknown, number>();
  return events.map(({ value, time }, at) => {
    const own = events.slice(0, at).filter((one) => one.value['k'] === value['k']);
    const inPeriod = passed.filter((one) => one.k === value['k'] && one.time > time - PER);
    if (inPeriod.length >= LIMIT) return { ...value, beyond: true };
    const lastPassed = passed.findLast((one) => one.k === value['k'])?.time ?? Number.NEGATIVE_INFINITY;
    const position = passed.filter((one) => one.k === value['k']).length;
    passed.push({ k: value['k'], time });
    // How many of its key came since the last that went on: the number of those before, without those that went on.
    const skipped = own.length - position - (counted.get(value['k']) ?? 0);
    counted.set(value['k'], own.length - position);
    const forgotten = time >= Math.max(lastPassed + PER, (own.at(-1)?.time ?? 0) + EXPIRES);
    return skipped > 0 && !forgotten ? { ...value, skipped } : { ...value };
  });
}

const byKey = (values: readonly unknown[]): unknown =>
  ['a', 'b'].map((k) => values.filter((value) => (value as JsonObject)['k'] === k));

const value = fc.record({ k: fc.constantFrom('a', 'b'), n: fc.nat() }) as fc.Arbitrary<JsonObject>;

describe('throttle', () => {
  it('lets a record go on where fewer than the limit went on in the period up to it', () => {
    const options = { by: ['k'], limit: LIMIT, per: `${PER}ms`, mark: 'beyond', count: 'skipped', expires: `${EXPIRES}ms` };
    fc.assert(
      fc.property(scripts(value, 8), (steps) => {
        const driver = play(operatorOf(throttle, options), steps);
        const made = driver.emitted.map((each) => each.value);
        expect(byKey(made)).toEqual(byKey(expected(inTurn(eventsOf(steps), driver.now))));
      }),
      { numRuns: 200 },
    );
  });

  it('never lets more through than the limit in any period, and drops the rest', () => {
    const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 80 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        let now = 0;
        const at = steps.map((step) => {
          now += step;
          return now;
        });
        const { driver, dropped } = driven({ limit, per: '40ms' }, at);
        const passed = driver.emitted.map(({ time }) => time);
        expect(passed.length + dropped()).toBe(at.length);
        for (const begin of at)
          expect(passed.filter((time) => time >= begin && time < begin + 40).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('counts a record no more that is exactly a period older', () => {
    expect(valuesOf({ limit: 1, per: '1s' }, [0, 999, 1000, 1001, 2000])).toEqual([{ t: 0 }, { t: 1000 }, { t: 2000 }]);
  });

  it('says how many were beyond the limit, while it is known', () => {
    const options = { limit: 1, per: '1s', count: 'skipped', expires: '10s' };
    expect(valuesOf(options, [0, 1, 2, 1000, 3000, 3001, 13_001])).toEqual([
      { t: 0 },
      { t: 1000, skipped: 2 },
      { t: 3000 },
      { t: 13_001 },
    ]);
  });

  it('forgets a key when its period is over', () => {
    const { driver } = driven({ by: ['t'], limit: 3, per: '1s' }, [0, 0, 500]);
    expect(driver.operator.size).toBe(2);
    driver.watermark(1000);
    expect(driver.operator.size).toBe(1);
    driver.watermark(1500);
    expect(driver.operator.size).toBe(0);
  });

  it('refuses a limit of nothing and a time of none', () => {
    expect(() => operatorOf(throttle, { limit: 0, per: '1s' })).toThrow();
    expect(() => operatorOf(throttle, { limit: 1, per: '0s' })).toThrow(/longer than 0/);
  });
});
