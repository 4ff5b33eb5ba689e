import { describe, expect, it } from 'vitest';
import { type Emitted, OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import type { JsonObject } from '../record/json.ts';
import type { OperatorFactory } from '../sdk/operator.ts';
import { window } from './window.ts';

const operator = (options: object): OperatorFactory =>
  operatorOf(window, { tumbling: '10ms', by: ['k'], compute: { n: 'count()' }, ...options });

const drive = (options: object = {}, more: ConstructorParameters<typeof OperatorDriver>[1] = {}): OperatorDriver =>
  new OperatorDriver(operator(options), more);

/** `k [start,end) n pane/revision`, or `k void`. */
function line({ value, key, time, version }: Emitted): string {
  if (value === null) return `${key} void ${version}`;
  const { start, end } = value['window'] as { start: string; end: string };
  expect(value['@timestamp']).toBe(new Date(time).toISOString());
  expect(version).toBe(value['revision']);
  return `${key} [${Date.parse(start)},${Date.parse(end)}) ${value['n']} ${value['pane']}/${value['revision']}`;
}

const lines = (driver: OperatorDriver): string[] => driver.emitted.map(line);

describe('window', () => {
  it('emits a result for each group when the watermark comes to the end of its window less 1 ms', () => {
    const driver = drive();
    for (const [k, time] of [
      ['a', 0],
      ['b', 9],
      ['a', 3],
      ['a', 10],
    ] as const)
      driver.record({ k }, time);
    driver.watermark(8);
    expect(driver.emitted).toEqual([]);
    driver.watermark(9);
    expect(lines(driver)).toEqual(['a [0,10) 2 on_time/1', 'b [0,10) 1 on_time/1']);
    expect(driver.emitted[0]?.value).toEqual({
      '@timestamp': '1970-01-01T00:00:00.009Z',
      k: 'a',
      window: { start: '1970-01-01T00:00:00.000Z', end: '1970-01-01T00:00:00.010Z' },
      n: 2,
      pane: 'on_time',
      revision: 1,
    });
    driver.watermark(100);
    expect(lines(driver).slice(2)).toEqual(['a [10,20) 1 on_time/1']);
    expect(driver.operator.size).toBe(0);
  });

  it('emits windows that one watermark closes in the order of time', () => {
    const driver = drive();
    for (const time of [35, 5, -5, 15]) driver.record({ k: 'a' }, time);
    driver.watermark(1000);
    expect(lines(driver).map((text) => text.split(' ')[1])).toEqual(['[-10,0)', '[0,10)', '[10,20)', '[30,40)']);
  });

  it('tells groups apart by type and value, and takes missing for null', () => {
    const driver = drive();
    const values = [1, '1', true, 'true', null, undefined, 'null', ['1'], '["1"]', '\u0000["1"]', { a: 1 }];
    for (const k of values) driver.record(k === undefined ? {} : { k: k as JsonObject }, 0);
    driver.watermark(100);
    expect(driver.emitted.map(({ value }) => [value?.['k'], value?.['n']])).toEqual([
      ...[
        [1, 1],
        ['1', 1],
        [true, 1],
        ['true', 1],
        [null, 2],
        ['null', 1],
      ],
      ...[
        [['1'], 1],
        ['["1"]', 1],
        ['\u0000["1"]', 1],
        [{ a: 1 }, 1],
      ],
    ]);
    expect(new Set(driver.emitted.map(({ id }) => id)).size).toBe(values.length - 1);
    expect(driver.emitted.map(({ key }) => key)).toEqual([
      '1',
      '1',
      'true',
      'true',
      'null',
      'null',
      '["1"]',
      '["1"]',
      '\u0000["1"]',
      '{"a":1}',
    ]);
  });

  it('groups by several values, by the key, by named expressions, and by nothing', () => {
    const results = (by: unknown): unknown[] => {
      const driver = drive({ by });
      driver.record({ a: { b: 'X' }, c: 2 }, 0, { key: 'k1' });
      driver.watermark(10);
      return driver.emitted.map(({ key, value }) => [key, { ...value, '@timestamp': 0, window: 0, pane: 0, revision: 0 }]);
    };
    const rest = { '@timestamp': 0, window: 0, n: 1, pane: 0, revision: 0 };
    expect(results(['a.b', 'c'])).toEqual([['["X",2]', { a: { b: 'X' }, c: 2, ...rest }]]);
    expect(results(['$key'])).toEqual([['k1', { key: 'k1', ...rest }]]);
    expect(results({ low: 'lower(a.b)' })).toEqual([['x', { low: 'x', ...rest }]]);
    expect(results(undefined)).toEqual([[null, rest]]);
  });

  it('emits only results that meet the condition', () => {
    const driver = drive({ having: 'n > 1' });
    for (const k of ['a', 'a', 'b']) driver.record({ k }, 0);
    driver.watermark(10);
    expect(lines(driver)).toEqual(['a [0,10) 2 on_time/1']);
  });

  it('takes back a result that meets the condition no longer', () => {
    const driver = drive({ having: 'n < 2', emit: 'update', keep: '1s' });
    driver.record({ k: 'a' }, 0);
    driver.cut();
    driver.record({ k: 'a' }, 1);
    driver.cut();
    driver.watermark(10);
    expect(lines(driver)).toEqual(['a [0,10) 1 early/1', 'a void 2']);
    expect(new Set(driver.emitted.map(({ id }) => id)).size).toBe(1);
  });
});

describe('late records', () => {
  it('are judged by the watermark of their own partition', () => {
    const driver = drive();
    driver.record({ k: 'a' }, 0);
    driver.watermark(5);
    expect(driver.record({ k: 'a' }, 1, { own: 8 })).toEqual({ kind: 'absorbed' });
    expect(driver.record({ k: 'a' }, 1, { own: 9 })).toEqual({ kind: 'dropped' });
    driver.watermark(9);
    driver.cut();
    expect(lines(driver)).toEqual(['a [0,10) 2 on_time/1']);
    expect(driver.counters).toEqual({ pairs: 3, assigned: 2, lateKept: 0, lateRouted: 0, lateDropped: 1, gapDropped: 0 });
  });

  it('make a revision each for as long as the window is kept', () => {
    const driver = drive({ keep: '5ms' });
    driver.record({ k: 'a' }, 0);
    driver.watermark(9);
    driver.record({ k: 'a' }, 1);
    driver.record({ k: 'b' }, 1);
    driver.watermark(13);
    driver.record({ k: 'a' }, 2);
    driver.watermark(14);
    expect(driver.record({ k: 'a' }, 3)).toEqual({ kind: 'dropped' });
    driver.cut();
    expect(lines(driver)).toEqual(['a [0,10) 1 on_time/1', 'a [0,10) 2 late/2', 'b [0,10) 1 late/1', 'a [0,10) 3 late/3']);
    expect(driver.operator.size).toBe(0);
    expect(driver.counters).toEqual({ pairs: 5, assigned: 1, lateKept: 3, lateRouted: 0, lateDropped: 1, gapDropped: 0 });
  });

  it('open a window anew that had no group, within keep', () => {
    const driver = drive({ keep: '5ms' });
    driver.watermark(10);
    driver.record({ k: 'a' }, 0);
    driver.watermark(14);
    expect(lines(driver)).toEqual(['a [0,10) 1 late/1']);
    expect(driver.operator.size).toBe(0);
  });

  it('go to the dead letters or a topic, whole', () => {
    const refused = (late: string): unknown => {
      const driver = drive({ late });
      driver.watermark(20);
      const outcome = driver.record({ k: 'a' }, 5);
      driver.cut();
      expect(driver.counters).toMatchObject({ pairs: 1, lateRouted: 1 });
      return outcome;
    };
    expect(refused('stragglers')).toEqual({ kind: 'routed', topic: 'stragglers' });
    expect(refused('dead_letter')).toMatchObject({
      code: 'WINDOW_LATE',
      message: expect.stringContaining(
        'its time is 1970-01-01T00:00:00.005Z, and event time has come to 1970-01-01T00:00:00.020Z',
      ) as string,
    });
    expect(window.topics?.(window.options.parse({ tumbling: '1s', compute: { n: 'count()' }, late: 'stragglers' }))).toEqual([
      'stragglers',
    ]);
  });

  it('may be late for one window and not for another', () => {
    const driver = drive({ tumbling: undefined, hopping: { size: '10ms', every: '5ms' }, late: 'stragglers' });
    driver.watermark(9);
    expect(driver.record({ k: 'a' }, 7)).toEqual({ kind: 'absorbed' });
    driver.watermark(100);
    driver.cut();
    expect(lines(driver)).toEqual(['a [5,15) 1 on_time/1']);
    expect(driver.counters).toEqual({ pairs: 2, assigned: 1, lateKept: 0, lateRouted: 0, lateDropped: 1, gapDropped: 0 });
  });
});

describe('emit', () => {
  it('update: once a micro-batch, and on time', () => {
    const driver = drive({ emit: 'update', keep: '5ms' });
    for (const k of ['a', 'a', 'b']) driver.record({ k }, 0);
    driver.cut();
    driver.record({ k: 'b' }, 1);
    driver.cut();
    driver.cut();
    driver.watermark(9);
    driver.record({ k: 'a' }, 1);
    driver.record({ k: 'a' }, 2);
    driver.cut();
    driver.record({ k: 'a' }, 2);
    driver.watermark(14);
    driver.cut();
    expect(lines(driver)).toEqual([
      ...['a [0,10) 2 early/1', 'b [0,10) 1 early/1', 'b [0,10) 2 early/2', 'a [0,10) 2 on_time/2', 'b [0,10) 2 on_time/3'],
      ...['a [0,10) 4 late/3', 'a [0,10) 5 late/4'],
    ]);
  });

  it('every: at intervals of wall-clock time, only groups that have changed', () => {
    const driver = drive({ emit: 'every 5s' });
    driver.operator.tick(0);
    driver.record({ k: 'a' }, 0);
    driver.record({ k: 'b' }, 0);
    driver.operator.tick(4999);
    expect(driver.emitted).toEqual([]);
    driver.operator.tick(5000);
    driver.record({ k: 'b' }, 1);
    driver.cut();
    driver.restart();
    driver.operator.tick(6000);
    driver.operator.tick(11_000);
    driver.watermark(9);
    driver.operator.tick(16_000);
    expect(lines(driver)).toEqual([
      ...['a [0,10) 1 early/1', 'b [0,10) 1 early/1', 'b [0,10) 2 early/2'],
      ...['a [0,10) 1 on_time/2', 'b [0,10) 2 on_time/3'],
    ]);
  });

  it('emits what is open at the end of a bounded run, without counting it', () => {
    const driver = drive();
    driver.record({ k: 'a' }, 15);
    driver.record({ k: 'a' }, 5);
    driver.cut();
    driver.operator.emitOpen();
    expect(lines(driver)).toEqual(['a [0,10) 1 early/0', 'a [10,20) 1 early/0']);
    driver.watermark(100);
    expect(lines(driver).slice(2)).toEqual(['a [0,10) 1 on_time/1', 'a [10,20) 1 on_time/1']);
  });
});

describe('bounds', () => {
  it('refuses a record that would open more groups than may be', () => {
    const driver = drive({ max_groups: 2, tumbling: undefined, hopping: { size: '10ms', every: '5ms' } });
    driver.record({ k: 'a' }, 0);
    expect(driver.record({ k: 'b' }, 0)).toMatchObject({
      code: 'WINDOW_TOO_MANY_GROUPS',
      message: expect.stringMatching(/partition 0 of the step window-1 of stream .* 2;.*max_groups/) as string,
    });
    expect(driver.record({ k: 'a' }, 1)).toEqual({ kind: 'absorbed' });
    driver.watermark(4);
    expect(driver.record({ k: 'b' }, 1)).toEqual({ kind: 'absorbed' });
    expect(driver.operator.size).toBe(2);
    driver.cut();
    expect(driver.counters).toMatchObject({ pairs: 6, assigned: 5, lateDropped: 1 });
  });

  it('refuses groups of long values', () => {
    const k = 'x'.repeat(20_000);
    expect(drive().record({ k }, 0)).toMatchObject({ code: 'WINDOW_GROUP_TOO_LONG' });
    expect(drive({ by: ['k', 'l'] }).record({ k }, 0)).toMatchObject({ code: 'WINDOW_GROUP_TOO_LONG' });
    expect(drive().record({ k: [k] }, 0)).toMatchObject({ code: 'WINDOW_GROUP_TOO_LONG' });
  });

  it('gives results of a new life higher versions', () => {
    const driver = drive({}, { generation: 3 });
    driver.record({ k: 'a' }, 0);
    driver.watermark(9);
    expect(driver.emitted[0]?.version).toBe(3 * 2 ** 32 + 1);
  });
});
