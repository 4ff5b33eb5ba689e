import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Emitted, OperatorDriver, operatorOf } from '../../../test/support/operator-driver.ts';
import { window } from '../window.ts';

const GAP = 5;

const drive = (options: object = {}, more: ConstructorParameters<typeof OperatorDriver>[1] = {}): OperatorDriver =>
  new OperatorDriver(operatorOf(window, { session: `${GAP}ms`, by: ['k'], compute: { n: 'count()' }, ...options }), more);

function line({ value, key, version }: Emitted): string {
  if (value === null) return `${key} void ${version}`;
  const { start, end } = value['window'] as { start: string; end: string };
  return `${key} [${Date.parse(start)},${Date.parse(end)}) ${value['n']} ${value['pane']}/${value['revision']}`;
}

const lines = (driver: OperatorDriver): string[] => driver.emitted.map(line);

/** What stands of the results: the last of each id, where it is no tombstone. */
function standing(driver: OperatorDriver): string[] {
  const last = new Map(driver.emitted.map((emitted) => [emitted.id, emitted]));
  return [...last.values()]
    .filter(({ value }) => value !== null)
    .map((emitted) => line(emitted).replace(/ \w+\/\d+$/, ''))
    .toSorted();
}

describe('session windows', () => {
  it('merge sessions that a record bridges, and emit each at its end', () => {
    const driver = drive();
    for (const time of [10, 20, 15, 40]) driver.record({ k: 'a' }, time);
    driver.watermark(23);
    expect(lines(driver)).toEqual([]);
    driver.watermark(24);
    expect(lines(driver)).toEqual(['a [10,25) 3 on_time/1']);
    driver.watermark(100);
    expect(lines(driver).slice(1)).toEqual(['a [40,45) 1 on_time/1']);
    expect(driver.operator.size).toBe(0);
  });

  it('revise the result where a record at the very end of a session comes on time', () => {
    const driver = drive();
    driver.record({ k: 'a' }, 10);
    driver.watermark(14);
    expect(driver.operator.size).toBe(1);
    driver.record({ k: 'a' }, 15);
    driver.watermark(19);
    expect(lines(driver)).toEqual(['a [10,15) 1 on_time/1', 'a [10,20) 2 on_time/2']);
    expect(new Set(driver.emitted.map(({ id }) => id)).size).toBe(1);
  });

  it('take no record into a session that is over', () => {
    const driver = drive();
    driver.record({ k: 'a' }, 10);
    driver.watermark(14);
    driver.record({ k: 'a' }, 12);
    driver.watermark(16);
    expect(lines(driver)).toEqual(['a [10,15) 1 on_time/1', 'a [12,17) 1 on_time/1']);
  });

  it('judge a record by its session as merged', () => {
    const driver = drive();
    driver.record({ k: 'a' }, 16);
    driver.watermark(18);
    expect(driver.record({ k: 'a' }, 12)).toEqual({ kind: 'absorbed' });
    expect(driver.record({ k: 'b' }, 12)).toEqual({ kind: 'dropped' });
    driver.cut();
    expect(driver.counters).toMatchObject({ pairs: 3, assigned: 2, lateDropped: 1 });
  });

  it('take back the result of a session that is merged away, or begins earlier', () => {
    const driver = drive({ keep: '50ms' });
    for (const time of [10, 18]) driver.record({ k: 'a' }, time);
    driver.watermark(22);
    const [first, second] = driver.emitted.map(({ id }) => id);
    driver.record({ k: 'a' }, 14);
    driver.record({ k: 'a' }, 7);
    expect(lines(driver)).toEqual([
      ...['a [10,15) 1 on_time/1', 'a [18,23) 1 on_time/1'],
      ...['a void 2', 'a [10,23) 3 late/2', 'a void 3', 'a [7,23) 4 late/1'],
    ]);
    expect(driver.emitted.slice(2, 5).map(({ id }) => id)).toEqual([second, first, first]);
    expect(driver.emitted.slice(2, 5).map(({ key, time }) => [key, time])).toEqual([
      ['a', 22],
      ['a', 22],
      ['a', 22],
    ]);
    driver.watermark(72);
    expect(driver.operator.size).toBe(0);
  });

  it('open again within keep, and close at the new end', () => {
    const driver = drive({ keep: '50ms' });
    driver.record({ k: 'a' }, 10);
    driver.watermark(14);
    driver.record({ k: 'a' }, 12);
    driver.watermark(15);
    expect(lines(driver)).toEqual(['a [10,15) 1 on_time/1']);
    driver.watermark(16);
    expect(lines(driver).slice(1)).toEqual(['a [10,17) 2 on_time/2']);
  });

  it('emit updates and at intervals', () => {
    const update = drive({ emit: 'update' });
    update.record({ k: 'a' }, 10);
    update.cut();
    update.record({ k: 'a' }, 12);
    update.record({ k: 'a' }, 8);
    update.cut();
    update.watermark(100);
    expect(lines(update)).toEqual(['a [10,15) 1 early/1', 'a void 2', 'a [8,17) 3 early/1', 'a [8,17) 3 on_time/2']);
    const every = drive({ emit: 'every 1s' });
    every.operator.tick(0);
    every.record({ k: 'a' }, 10);
    every.cut();
    every.restart();
    every.operator.tick(0);
    every.operator.tick(1000);
    every.operator.tick(2000);
    every.operator.emitOpen();
    expect(lines(every)).toEqual(['a [10,15) 1 early/1', 'a [10,15) 1 early/1']);
  });

  it('have a bound', () => {
    const driver = drive({ max_groups: 1 });
    driver.record({ k: 'a' }, 10);
    expect(driver.record({ k: 'b' }, 10)).toMatchObject({ code: 'WINDOW_TOO_MANY_GROUPS' });
    expect(driver.record({ k: 'a' }, 12)).toEqual({ kind: 'absorbed' });
  });

  it('are what a batch computation finds, for records that are not late, in any order within wait', () => {
    const jitter = 6;
    const steps = fc.array(fc.record({ k: fc.constantFrom('a', 'b'), step: fc.nat(7), back: fc.nat(jitter) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.constantFrom({}, { keep: '20ms' }, { emit: 'update' }), (all, options) => {
        const driver = drive(options, { wait: jitter });
        let now = 0;
        const records = all.map(({ k, step, back }) => {
          now += step;
          return { k, time: now - back };
        });
        for (const { k, time } of records) {
          driver.record({ k }, time);
          if (time % 3 === 0) driver.cut();
        }
        driver.watermark(10_000);
        const expected = ['a', 'b'].flatMap((key) =>
          batchSessions(
            key,
            records.filter(({ k }) => k === key).map(({ time }) => time),
          ),
        );
        expect(standing(driver)).toEqual(expected.toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

function batchSessions(key: string, times: number[]): string[] {
  const sessions: { first: number; last: number; n: number }[] = [];
  for (const time of times.toSorted((a, b) => a - b)) {
    const open = sessions.at(-1);
    if (open !== undefined && time - open.last <= GAP) {
      open.last = time;
      open.n += 1;
    } else sessions.push({ first: time, last: time, n: 1 });
  }
  return sessions.map(({ first, last, n }) => `${key} [${first},${last + GAP}) ${n}`);
}
