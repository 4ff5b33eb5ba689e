import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { window } from '../../src/steps/window.ts';
import { OperatorDriver, operatorOf } from '../support/operator-driver.ts';
import { type CaseResult, CUTS, type Cuts, exclusiveGap, RunningCase, type WindowCase } from './window-case.ts';

/**
 * What other engines' own tests expect of windows (../shared/data/windows/cases.json, where it is at hand), and the vectors of
 * their documents. Every case runs with micro-batches cut after each step, and with a restart from the changelog there.
 */

const file = new URL('../../../shared/data/windows/cases.json', import.meta.url);
const cases = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: WindowCase[] }).cases : [];

const inSomeOrder = (results: readonly unknown[]): string[] => results.map((result) => JSON.stringify(result)).toSorted();

function onEveryCut(kind: string): [string, Cuts, WindowCase][] {
  return cases
    .filter((each) => each.kind === kind)
    .flatMap((each) => CUTS.map((cuts) => [each.id, cuts, each] as [string, Cuts, WindowCase]));
}

describe.runIf(cases.length > 0)('cases of other engines', () => {
  test.each(onEveryCut('window'))('%s, cut %s', (_id, cuts, each) => {
    const running = new RunningCase(each, cuts);
    const everyUpdate = each.config.emit === 'every_update';
    for (const step of each.steps) {
      if (step.event !== undefined) running.event(step.event);
      if (step.watermark !== undefined) running.driver.watermark(step.watermark);
      if (step.restart_from_snapshot === true) {
        running.driver.cut();
        running.driver.restart();
      }
      if (step.expect !== undefined) expectResults(running.results(), step.expect, each);
      if (step.expect_late !== undefined) expect(running.late.splice(0)).toEqual(step.expect_late);
      // Updates come once a micro-batch: each record is one, so that each of them is seen.
      if (everyUpdate && step.event !== undefined) running.driver.cut();
      running.endStep();
    }
    running.driver.cut();
    if (each.dropped_late !== undefined) expect(running.driver.counters.lateRouted).toBe(each.dropped_late);
  });

  test.each(onEveryCut('assignment'))('%s, cut %s', (_id, cuts, each) => {
    const running = new RunningCase(each, cuts);
    for (const ts of each.steps.flatMap(({ timestamps = [] }) => timestamps)) {
      running.event({ key: 'k', value: ts, ts });
      running.endStep();
    }
    running.driver.watermark(1_000_000);
    const windows = running.results().map(({ start, end, value }) => ({ start, end, members: value }));
    // Dialect "session gap boundary": with a gap of 1 ms less, sessions end 1 ms sooner.
    const moved = exclusiveGap(each.config.window) ? 1 : 0;
    const expected = each.steps
      .flatMap(({ expect_windows: all = [] }) => all)
      .map(({ start, end, members }) => ({ start, end: end - moved, members }));
    expect(inSomeOrder(windows)).toEqual(inSomeOrder(expected));
  });
});

function expectResults(found: readonly CaseResult[], expected: readonly CaseResult[], { config }: WindowCase): void {
  const { window: kind, aggregate = '', emit, session_end: sessionEnd, watermark } = config;
  // Dialect "session end": Kafka Streams' is the last event.
  const ends = sessionEnd === undefined ? 0 : (kind.gap_ms ?? 0);
  // Dialect "window before epoch": Kafka Streams has none that starts before 0.
  const shared = watermark === 'max_event_time' ? found.filter(({ start }) => start >= 0) : found;
  const ours = shared.map((result) => ({ ...result, end: result.end - ends, value: comparable(result.value) }));
  const theirs = expected.map((result) => ({
    ...result,
    // Ours collects in the order of event time, theirs concatenates in that of arrival.
    value: comparable(aggregate.startsWith('concat') ? String(result.value).split('+').slice(1) : result.value),
  }));
  if (emit === 'every_update') expect(ours).toEqual(theirs);
  else expect(inSomeOrder(ours)).toEqual(inSomeOrder(theirs));
}

function comparable(value: unknown): unknown {
  return Array.isArray(value) ? value.toSorted() : value;
}

/** The windows that hold records of these times, [start, end, members]. */
function windowsOf(kind: object, times: readonly number[], cuts: Cuts): (readonly [number, number, number[]])[] {
  const driver = new OperatorDriver(operatorOf(window, { ...kind, compute: { members: 'collect(t, 1000)' }, late: 'drop' }));
  for (const t of times) {
    driver.record({ t }, t);
    if (cuts !== 'as the case says') driver.cut();
    if (cuts === 'with a restart after every step') driver.restart();
  }
  driver.watermark(Date.UTC(2000, 0, 1));
  return driver.emitted.map(({ value, time }) => {
    const { start, end } = (value as JsonObject)['window'] as { start: string; end: string };
    expect(time).toBe('sliding' in kind ? Date.parse(end) : Date.parse(end) - 1);
    return [Date.parse(start), Date.parse(end), (value as JsonObject)['members'] as number[]] as const;
  });
}

describe.each(CUTS)('vectors of reference/time-semantics.md, cut %s', (cuts) => {
  const five = { hopping: { size: '5s', every: '3s' } };
  const quarter = { tumbling: { size: '1h', offset: '15m' } };

  test.each<[object, number, [number, number][]]>([
    [{ tumbling: '5s' }, -1, [[-5000, 0]]],
    [{ tumbling: '5s' }, 4999, [[0, 5000]]],
    [{ tumbling: '5s' }, 5000, [[5000, 10_000]]],
    // Dialect "window before epoch": Kafka Streams has [0, 5000) only.
    [
      five,
      0,
      [
        [-3000, 2000],
        [0, 5000],
      ],
    ],
    [
      five,
      3000,
      [
        [0, 5000],
        [3000, 8000],
      ],
    ],
    [five, 8000, [[6000, 11_000]]],
    [
      { hopping: { size: '10ms', every: '4ms' } },
      9,
      [
        [0, 10],
        [4, 14],
        [8, 18],
      ],
    ],
    [{ hopping: { size: '3ms', every: '5ms' } }, 4, []],
    [quarter, 899_999, [[-2_700_000, 900_000]]],
    [quarter, 900_000, [[900_000, 4_500_000]]],
    [{ tumbling: { size: '1d', offset: '-8h' } }, 0, [[-28_800_000, 57_600_000]]],
  ])('%j holds %d in %j', (kind, time, windows) => {
    expect(windowsOf(kind, [time], cuts)).toEqual(windows.map(([start, end]) => [start, end, [time]]));
  });

  it.each([[[8000, 9200, 12_400]], [[12_400, 9200, 8000]], [[9200, 12_400, 8000]]])(
    'sliding windows as Kafka Streams documents them: %j',
    (times) => {
      expect(windowsOf({ sliding: '5s' }, times, cuts)).toEqual([
        [3000, 8000, [8000]],
        [4200, 9200, [8000, 9200]],
        [7400, 12_400, [8000, 9200, 12_400]],
        [8001, 13_001, [9200, 12_400]],
        [9201, 14_201, [12_400]],
      ]);
    },
  );

  it('sliding windows of early records begin before 1970, where Kafka Streams puts them into [0, size]', () => {
    expect(windowsOf({ sliding: '5s' }, [1000], cuts)).toEqual([[-4000, 1000, [1000]]]);
  });

  it('sessions as Kafka Streams documents them: gap 5, 10 12 20, then 16', () => {
    expect(windowsOf({ session: '5ms' }, [10, 12, 20], cuts)).toEqual([
      [10, 17, [10, 12]],
      [20, 25, [20]],
    ]);
    expect(windowsOf({ session: '5ms' }, [10, 12, 20, 16], cuts)).toEqual([[10, 25, [10, 12, 16, 20]]]);
  });

  it('records exactly a gap apart are one session', () => {
    expect(windowsOf({ session: '5ms' }, [10, 15], cuts)).toEqual([[10, 20, [10, 15]]]);
    expect(windowsOf({ session: '5ms' }, [10, 16], cuts)).toHaveLength(2);
  });

  it('fires when the watermark is the last moment of a window, and refuses a record from then on', () => {
    const driver = new OperatorDriver(operatorOf(window, { tumbling: '10ms', compute: { n: 'count()' } }));
    driver.record({}, 5);
    driver.watermark(8);
    expect(driver.record({}, 5)).toEqual({ kind: 'absorbed' });
    expect(driver.emitted).toEqual([]);
    driver.watermark(9);
    expect(driver.record({}, 5)).toEqual({ kind: 'dropped' });
    expect(driver.emitted.map(({ value, time }) => [value?.['n'], time])).toEqual([[2, 9]]);
  });

  it('takes a record that is as late as the watermark waits', () => {
    const driver = new OperatorDriver(operatorOf(window, { tumbling: '1ms', compute: { n: 'count()' } }), { wait: 3 });
    driver.record({}, 10);
    expect(driver.record({}, 7)).toEqual({ kind: 'absorbed' });
    expect(driver.record({}, 6)).toEqual({ kind: 'dropped' });
  });

  it('adds a late record to all that was there, and emits it again at once', () => {
    const driver = new OperatorDriver(operatorOf(window, { tumbling: '10ms', compute: { all: 'collect(t)' }, keep: '5ms' }));
    for (const t of [5, 8, 3]) driver.record({ t }, t);
    driver.watermark(9);
    if (cuts !== 'as the case says') driver.cut();
    if (cuts === 'with a restart after every step') driver.restart();
    driver.record({ t: 1 }, 1);
    expect(driver.emitted.map(({ value }) => [value?.['all'], value?.['pane'], value?.['revision']])).toEqual([
      [[3, 5, 8], 'on_time', 1],
      [[1, 3, 5, 8], 'late', 2],
    ]);
  });
});
