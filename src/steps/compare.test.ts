import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOptions, OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { inOrderOfTime, play, type ScriptedEvent, scriptOf } from '../../test/support/shuffled-events.ts';
import { toIso } from '../record/iso-time.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import { compare } from './compare.ts';

const driverOf = (options: JsonObject, wait?: number): OperatorDriver =>
  new OperatorDriver(operatorOf(compare, { by: ['k'], of: 'n', ...options }), wait === undefined ? {} : { wait, inFlight: 1 });

const SIZE = 10;

/** The result of a window that starts at `start`. */
function result(
  start: number,
  n: number | null,
  { k = 'a', size = SIZE, ...more }: JsonObject & { size?: number } = {},
): JsonObject {
  const window = { start: toIso(start), end: toIso(start + size) };
  return {
    '@timestamp': toIso(start + size - 1),
    k,
    window,
    ...(n === null ? {} : { n }),
    pane: 'on_time',
    revision: 1,
    ...more,
  };
}

function give(driver: OperatorDriver, value: JsonObject): unknown {
  const { end } = value['window'] as { end: string };
  return driver.record(value, Date.parse(end) - 1, { key: 'of another' });
}

/** The comparisons of results of windows, given in order. */
function compared(options: JsonObject, given: readonly JsonObject[]): (JsonValue | undefined)[] {
  const driver = driverOf(options);
  for (const value of given) give(driver, value);
  driver.watermark(1e6);
  return driver.emitted.map(({ value }) => ((value as JsonObject)['compare'] as JsonObject)['n']);
}

const beforeOf = (comparisons: readonly (JsonValue | undefined)[]): unknown[] =>
  comparisons.map((each) => (isJsonObject(each) ? each['before'] : undefined));

describe('compare', () => {
  it('adds what the window before had, and goes on as the result of the window', () => {
    const driver = driverOf({ into: 'usual.before', of: ['n', 'time.p99'] });
    give(driver, result(0, 4, { time: { p99: 10 } }));
    give(driver, result(SIZE, 6, { time: { p99: 5 }, usual: 1, revision: 3 }));
    driver.watermark(19);
    expect(driver.emitted.map(({ key, time, version }) => [key, time, version])).toEqual([
      ['a', 9, 1],
      ['a', 19, 3],
    ]);
    expect(driver.emitted[0]?.value).toMatchObject({
      n: 4,
      usual: { before: { n: { windows: 0 }, time: { p99: { windows: 0 } } } },
    });
    expect(driver.emitted[1]?.value).toEqual({
      ...result(SIZE, 6, { time: { p99: 5 }, revision: 3 }),
      usual: {
        before: {
          n: { windows: 1, before: 4, difference: 2, ratio: 1.5 },
          time: { p99: { windows: 1, before: 10, difference: -5, ratio: 0.5 } },
        },
      },
    });
    expect(driver.emitted[0]?.id).not.toBe(driver.emitted[1]?.id);
  });

  it('finds the windows before it, a time ago, and several', () => {
    const rising = [0, 1, 2, 3, 4].map((i) => result(i * SIZE, i + 1));
    expect(beforeOf(compared({}, rising))).toEqual([undefined, 1, 2, 3, 4]);
    expect(beforeOf(compared({ with: '20ms' }, rising))).toEqual([undefined, undefined, 1, 2, 3]);
    expect(beforeOf(compared({ last: 3 }, rising))).toEqual([undefined, 1, 1.5, 2, 3]);
    expect(beforeOf(compared({ with: ['10ms', '40ms'] }, rising))).toEqual([undefined, 1, 2, 3, 2.5]);
    expect(compared({ with: '10ms', last: 3 }, rising)[4]).toEqual({
      ...{ windows: 3, before: 3, stddev: 1, difference: 2, ratio: 5 / 3, zscore: 2 },
    });
  });

  it('counts windows in which nothing was counted as it is told', () => {
    const gap = [result(0, 4), result(3 * SIZE, 6), result(4 * SIZE, null), result(5 * SIZE, 1)];
    expect(beforeOf(compared({}, gap))).toEqual([undefined, undefined, 6, undefined]);
    expect(beforeOf(compared({ missing: 0 }, gap))).toEqual([0, 0, 6, 0]);
    expect(beforeOf(compared({ last: 3, missing: 0 }, gap))).toEqual([0, 4 / 3, 2, 2]);
  });

  it('follows windows of a calendar, which differ in length', () => {
    const months = [31, 28, 31, 30];
    let start = 0;
    const given = months.map((size, i) => {
      const month = result(start, i + 1, { size });
      start += size;
      return month;
    });
    expect(beforeOf(compared({}, given))).toEqual([undefined, 1, 2, 3]);
    expect(beforeOf(compared({ last: 3 }, given))).toEqual([undefined, 1, 1.5, 2]);
  });

  it('compares windows that overlap with those that end where they start', () => {
    const hopping = [0, 5, 10, 15, 20].map((start, i) => result(start, i + 1));
    expect(beforeOf(compared({}, hopping))).toEqual([undefined, undefined, 1, 2, 3]);
  });

  it('keeps early results out, or shows them and remembers nothing', () => {
    const early = result(SIZE, 100, { pane: 'early' });
    const given = [result(0, 4), early, result(SIZE, 6, { revision: 2 }), result(2 * SIZE, 9)];
    expect(beforeOf(compared({}, given))).toEqual([undefined, 4, 6]);
    const driver = driverOf({ early: true });
    give(driver, result(0, 4));
    driver.watermark(9);
    expect(give(driver, early)).toEqual({ kind: 'absorbed' });
    give(driver, result(SIZE, 6, { revision: 2 }));
    driver.watermark(19);
    const [, shown, final] = driver.emitted;
    expect(shown).toMatchObject({ id: final?.id, version: 1, value: { n: 100, compare: { n: { before: 4, ratio: 25 } } } });
    expect(final).toMatchObject({ version: 2, value: { n: 6, compare: { n: { before: 4 } } } });
  });

  it('remembers nothing of an early result', () => {
    const early = result(SIZE, 100, { pane: 'early' });
    expect(beforeOf(compared({ early: true }, [early, result(2 * SIZE, 9)]))).toEqual([undefined, undefined]);
  });

  it('remembers what a revision that may still come is compared with', () => {
    const driver = driverOf({ with: '10ms', keep: '50ms' });
    for (let i = 0; i < 6; i += 1) {
      give(driver, result(i * SIZE, i + 1));
      driver.watermark(i * SIZE + 9);
    }
    give(driver, result(SIZE, 20, { pane: 'late', revision: 2 }));
    expect(driver.emitted.at(-1)).toMatchObject({ version: 2, value: { compare: { n: { before: 1, ratio: 20 } } } });
  });

  it('takes revisions of windows as long as they are kept', () => {
    const driver = driverOf({ keep: '15ms', late: 'drop' });
    give(driver, result(0, 4));
    give(driver, result(SIZE, 6));
    driver.watermark(20);
    give(driver, result(0, 8, { pane: 'late', revision: 2 }));
    give(driver, result(SIZE, 7, { pane: 'late', revision: 2 }));
    driver.watermark(24);
    expect(give(driver, result(0, 9, { pane: 'late', revision: 3 }))).toEqual({ kind: 'dropped' });
    give(driver, result(2 * SIZE, 14));
    driver.watermark(29);
    const shown = driver.emitted.map(({ value, version }) => [
      value?.['n'],
      ((value as JsonObject)['compare'] as { n: JsonObject }).n['before'],
      version,
    ]);
    expect(shown).toEqual([
      [4, undefined, 1],
      [6, 4, 1],
      [8, undefined, 2],
      [7, 8, 2],
      [14, 7, 1],
    ]);
    expect(driver.emitted[2]?.id).toBe(driver.emitted[0]?.id);
    expect(driver.counters).toMatchObject({ pairs: 6, assigned: 3, lateKept: 2, lateDropped: 1 });
  });

  it('refuses what is no result of a window', () => {
    const driver = driverOf({});
    for (const window of [undefined, 5, { start: toIso(5) }, { start: 'x', end: 'y' }, { start: toIso(5), end: toIso(5) }])
      expect(driver.record({ k: 'a', n: 1, ...(window === undefined ? {} : { window }) }, 5)).toMatchObject({
        ...{ kind: 'rejected', code: 'COMPARE_NO_WINDOW' },
      });
  });

  it('remembers no more than it compares with, in small pieces', () => {
    const driver = driverOf({ with: '1s', last: 2 });
    for (let i = 0; i < 1_000; i += 1) {
      give(driver, result(i * SIZE, i));
      driver.watermark(i * SIZE + 9);
    }
    driver.cut();
    // A hundred windows a second: each has those of two seconds before, and is stored beside them.
    expect(driver.changelog.size).toBe(100);
    for (const stored of driver.changelog.values()) expect(JSON.parse(stored)).toHaveLength(3);
    driver.watermark(1e6);
    driver.cut();
    expect(driver.changelog.size).toBe(0);
    const unending = driverOf({ last: 3 });
    for (let i = 0; i < 100; i += 1) give(unending, result(i * SIZE, i));
    unending.watermark(999);
    unending.cut();
    const [stored, ...others] = [...unending.changelog.values()];
    expect(others).toEqual([]);
    expect(JSON.parse(stored as string).length).toBeLessThanOrEqual(5);
  });

  it('refuses options that do not go together, and what would be remembered without end', () => {
    expect(() => boundOptions(compare, { of: 'n', with: ['1d'], last: 2 })).toThrow(/leave \\"last\\" out/);
    expect(() => boundOptions(compare, { of: 'n', with: ['1s', '7d'] })).toThrow(/more than 1000/);
    expect(() => boundOptions(compare, { of: 'n', with: '1s', keep: '2h' })).toThrow(/more than 1000/);
    expect(() => boundOptions(compare, { of: 'n', with: ['1h', '7d'] })).not.toThrow();
  });

  it('says by which option its results are revised', () => {
    const revisedBy = (options: JsonObject): string | undefined => compare.state.revises?.(boundOptions(compare, options));
    expect(revisedBy({ of: 'n' })).toBeUndefined();
    expect(revisedBy({ of: 'n', keep: '1s' })).toBe('keep');
    expect(revisedBy({ of: 'n', early: true })).toBe('early');
  });
});

/** What windows are compared with: the value that each of the earlier ones had last, by the grid of windows. */
function naive(events: readonly ScriptedEvent[], distances: readonly number[]): unknown[] {
  const known = new Map<string, number>();
  return events.map(({ value, time }) => {
    const { k, n } = value as { k: string; n: number };
    const earlier = distances.map((distance) => known.get(`${k} ${time - distance}`)).filter((each) => each !== undefined);
    known.set(`${k} ${time}`, n);
    const mean = earlier.length === 0 ? undefined : earlier.reduce((sum, each) => sum + each) / earlier.length;
    return [time, k, n, earlier.length, mean?.toFixed(9)];
  });
}

describe('comparisons', () => {
  it('are those of a computation over the sorted results, whatever the order, the cuts and the failures', () => {
    const value = fc.record({ k: fc.constantFrom('a', 'b'), n: fc.integer({ min: 0, max: 9 }) });
    const config = fc.constantFrom<readonly [JsonObject, readonly number[]]>(
      [{}, [10]],
      [{ last: 3 }, [10, 20, 30]],
      [{ with: '30ms' }, [30]],
      [{ with: '20ms', last: 3 }, [20, 40, 60]],
      [{ with: ['20ms', '50ms'], keep: '5ms' }, [20, 50]],
    );
    fc.assert(
      fc.property(scriptOf(value), config, (script, [options, distances]) => {
        // Each becomes the result of the window of 10 ms that it is in; two of one window are revisions.
        const events = script.map((event) => {
          const start = event.time - (event.time % SIZE);
          const { k, n } = event.value as { k: string; n: number };
          return { ...event, value: result(start, n, { k }), time: start + SIZE - 1 };
        });
        const driver = driverOf(options, 25);
        play(driver, events);
        driver.watermark(1e6);
        const shown = driver.emitted.map(({ value: made, time }) => {
          const { n, k, compare: by } = made as JsonObject;
          const { windows, before: mean } = (by as JsonObject)['n'] as { windows: number; before?: number };
          return [time, k, n, windows, mean?.toFixed(9)];
        });
        expect(shown).toEqual(naive(inOrderOfTime(events), distances));
        expect(driver.operator.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('of early results and of revisions depend on no cut and no failure', () => {
    const value = fc.record({ k: fc.constantFrom('a', 'b'), n: fc.integer({ min: 0, max: 9 }), early: fc.boolean() });
    fc.assert(
      fc.property(scriptOf(value), (script) => {
        const events = script.map((event) => {
          const start = event.time - (event.time % SIZE);
          const { k, n, early } = event.value as { k: string; n: number; early: boolean };
          return { ...event, value: result(start, n, { k, pane: early ? 'early' : 'late' }), time: start + SIZE - 1 };
        });
        const options = { keep: '12ms', early: true, with: ['10ms', '20ms'], late: 'drop' };
        const [driver, undisturbed] = [driverOf(options, 0), driverOf(options, 0)];
        play(driver, events);
        play(
          undisturbed,
          events.map((event) => ({ ...event, after: 'nothing' })),
        );
        expect(driver.emitted).toEqual(undisturbed.emitted);
        expect(driver.operator.size).toBe(undisturbed.operator.size);
      }),
      { numRuns: 300 },
    );
  });
});
