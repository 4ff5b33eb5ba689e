import { describe, expect, it } from 'vitest';
import { type Arrival, JoinDriver, operatorContext, recordOf } from '../../../test/support/join-driver.ts';
import type { JsonObject } from '../../record/json.ts';
import { IntervalJoin, type IntervalJoinOptions, MOST_KEY_CHARACTERS } from './interval-join.ts';

const left = (time: number, value: JsonObject, headers: Arrival['headers'] = []): Arrival => ({
  ...{ side: 'main', partition: 0, time, value, headers },
});
const right = (time: number, value: JsonObject, headers: Arrival['headers'] = []): Arrival => ({
  ...{ side: 'joined', partition: 0, time, value, headers },
});

const optionsWith = (more: Partial<IntervalJoinOptions> = {}): IntervalJoinOptions => ({
  before: 10,
  after: 10,
  type: 'inner',
  leftKey: ({ value }) => value['id'],
  rightKey: ({ value }) => value['ref'],
  fields: { as: ['payment', 'found'], leftKey: ['order', 'id'], rightKey: ['ref'] },
  late: 'drop',
  maxRecords: 100,
  ...more,
});

const driverOf = (arrivals: readonly Arrival[], more: Partial<IntervalJoinOptions> = {}): JoinDriver =>
  new JoinDriver({ create: (context) => new IntervalJoin(optionsWith(more), context), arrivals, wait: 0 });

function finished(arrivals: readonly Arrival[], more: Partial<IntervalJoinOptions> = {}): JoinDriver {
  const driver = driverOf(arrivals, more);
  driver.finish();
  return driver;
}

describe('the results of an interval join', () => {
  it('have the value of the left record with that of the right one, the later time, the key, and the headers of the left one', () => {
    const trace = [{ name: 'trace', value: 'l' }];
    const { results } = finished([
      left(1_000, { id: 7, a: 1 }, trace),
      right(995, { ref: 7, b: 2 }, [{ name: 'trace', value: 'r' }]),
    ]);
    expect(results).toEqual([
      {
        value: { id: 7, a: 1, payment: { found: { ref: 7, b: 2 } }, '@timestamp': '1970-01-01T00:00:01.000Z' },
        key: '7',
        time: 1_000,
        headers: { trace: 'l', 'millrace.id': expect.stringMatching(/^[\w-]{16}-0-1$/) as string },
      },
    ]);
  });

  it('share nothing with each other', () => {
    const values: JsonObject[] = [];
    const join = new IntervalJoin(optionsWith(), operatorContext({ emit: ({ value }) => values.push(value ?? {}) }));
    const at = { time: 0, watermark: Number.NEGATIVE_INFINITY } as const;
    join.process(recordOf(right(0, { ref: 1, deep: { x: 1 } }), 0), { ...at, side: 'joined' });
    join.process(recordOf(right(0, { ref: 1, deep: { x: 2 } }), 1), { ...at, side: 'joined' });
    join.process(recordOf(left(0, { id: 1, own: { y: 1 } }), 0), { ...at, side: 'main' });
    join.process(recordOf(left(0, { id: 1, own: { y: 2 } }), 1), { ...at, side: 'main' });
    for (const value of values) {
      (value['own'] as JsonObject)['y'] = 'changed';
      ((value['payment'] as { found: JsonObject }).found['deep'] as JsonObject)['x'] = 'changed';
    }
    join.process(recordOf(left(0, { id: 1, own: { y: 3 } }), 2), { ...at, side: 'main' });
    expect(values.slice(4).map((value) => (value['payment'] as { found: JsonObject }).found['deep'])).toEqual([
      { x: 1 },
      { x: 2 },
    ]);
  });

  it('are of the left record alone, with `left`, once the watermark has passed its window', () => {
    const driver = driverOf([left(0, { id: 'a', '@timestamp': 'old' }), left(10, { id: 'b' }), right(11, { ref: 'c' })], {
      type: 'left',
    });
    while (!driver.atEnd) driver.next();
    driver.advance(9);
    expect(driver.emitted).toEqual([]);
    driver.advance(10);
    expect(driver.emitted.map(({ value }) => value)).toEqual([{ id: 'a', '@timestamp': '1970-01-01T00:00:00.000Z' }]);
    driver.finish();
    expect(driver.results.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('are of the right record alone, with `outer`: its value in its field, and the key where it has its place', () => {
    const { results } = finished([right(5, { ref: 7 }, [{ name: 'h', value: 'r' }])], { type: 'outer' });
    expect(results).toEqual([
      {
        value: { order: { id: 7 }, payment: { found: { ref: 7 } }, '@timestamp': '1970-01-01T00:00:00.005Z' },
        key: '7',
        time: 5,
        headers: { h: 'r', 'millrace.id': expect.stringMatching(/--0$/) as string },
      },
    ]);
  });

  it('come in the order in which they are complete, whatever the step of the watermark', () => {
    const { results } = finished(
      [left(8, { id: 'l8' }), right(20, { ref: 'r20' }), left(3, { id: 'l3' }), right(1, { ref: 'r1' })],
      {
        ...{ type: 'outer', before: 2, after: 10 },
      },
    );
    // r1 is late by its own partition; l3 closes at 13, l8 at 18, r20 at 22.
    expect(results.map(({ key }) => key)).toEqual(['l3', 'l8', 'r20']);
  });

  it('have ids of their own where a step before has split records, or made them', () => {
    const join = (arrivals: readonly (readonly [Arrival, number])[]): string[] => {
      const ids: string[] = [];
      const emit = ({ headers }: { headers: Uint8Array }): void =>
        void ids.push(Buffer.from(headers).toString('latin1').slice(-22));
      const operator = new IntervalJoin(optionsWith({ type: 'left' }), operatorContext({ emit }));
      for (const [arrival, offset] of arrivals)
        operator.process(recordOf(arrival, offset), { time: 0, watermark: Number.NEGATIVE_INFINITY, side: 'main' });
      operator.advance(100);
      return ids;
    };
    const split = join([
      [left(0, { id: 1 }), 5],
      [left(0, { id: 2 }), 5],
      [left(0, { id: 3 }), 6],
    ]);
    expect(split.map((id) => id.replace(/^.*?-(?=[\d.a-z]+-$)/, ''))).toEqual(['5-', '5.1-', '6-']);
    const made = join([[left(0, { id: 1 }, [{ name: 'millrace.id', value: 'window-1' }]), -1]]);
    expect(made[0]).toContain('window-1');
  });
});

describe('records that cannot be joined', () => {
  it('without a key go on alone where that is a result, and are dropped and counted otherwise', () => {
    const arrivals = [left(0, { x: 1 }), left(0, { id: null }), right(0, { y: 1 }), right(0, { ref: null })];
    const counted = (type: IntervalJoinOptions['type']) => {
      const driver = finished(arrivals, { type });
      const { assigned, gapDropped } = driver.counters;
      return [driver.results.map(({ key }) => key), driver.fates.map(({ kind }) => kind), assigned, gapDropped];
    };
    const [absorbed, dropped] = ['absorbed', 'dropped'];
    expect(counted('inner')).toEqual([[], [dropped, dropped, dropped, dropped], 0, 4]);
    expect(counted('left')).toEqual([[null, null], [absorbed, absorbed, dropped, dropped], 2, 2]);
    expect(counted('outer')).toEqual([[null, null, null, null], [absorbed, absorbed, absorbed, absorbed], 4, 0]);
  });

  it('are late once their window is over by the watermark of their own partition, and go where `late` says', () => {
    const process = (late: string, time: number) => {
      const context = operatorContext();
      const join = new IntervalJoin(optionsWith({ late }), context);
      const outcome = join.process(recordOf(left(time, { id: 1 }), 0), { time, watermark: 100, side: 'main' });
      return [outcome, context.counters] as const;
    };
    expect(process('drop', 91)[0]).toEqual({ kind: 'absorbed' });
    expect(process('drop', 90)).toMatchObject([{ kind: 'dropped' }, { pairs: 1, lateDropped: 1 }]);
    expect(process('late.topic', 90)).toMatchObject([
      { kind: 'routed', topic: 'late.topic' },
      { pairs: 1, lateRouted: 1 },
    ]);
    expect(process('dead_letter', 90)).toMatchObject([
      { kind: 'rejected', code: 'JOIN_RECORD_LATE', message: expect.stringContaining('1970-01-01T00:00:00.090Z') as string },
      { pairs: 1, lateRouted: 1 },
    ]);
  });

  it('are rejected beyond `max_records`, with nothing emitted, until others are over', () => {
    const driver = driverOf(
      [left(0, { id: 1 }), right(0, { ref: 2 }), left(0, { id: 2 }), left(30, { id: 2 }), right(40, { ref: 2 })],
      {
        maxRecords: 2,
      },
    );
    for (let i = 0; i < 3; i += 1) driver.next();
    expect(driver.emitted).toEqual([]);
    driver.advance(20);
    driver.finish();
    expect(driver.fates.map(({ kind }) => kind)).toEqual(['absorbed', 'absorbed', 'rejected', 'absorbed', 'absorbed']);
    expect(driver.results).toHaveLength(1);
    expect(driver.counters).toMatchObject({ pairs: 4, assigned: 4 });
  });

  it('are rejected where their key is too long', () => {
    const join = new IntervalJoin(optionsWith(), operatorContext());
    const at = { time: 0, watermark: Number.NEGATIVE_INFINITY, side: 'main' } as const;
    expect(join.process(recordOf(left(0, { id: 'x'.repeat(MOST_KEY_CHARACTERS) }), 0), at)).toEqual({ kind: 'absorbed' });
    expect(join.process(recordOf(left(0, { id: 'x'.repeat(1_000_000) }), 1), at)).toMatchObject({ code: 'JOIN_KEY_TOO_LONG' });
  });
});

describe('the state of an interval join', () => {
  it('is read back, with matched records and headers, by what takes its place', () => {
    const trace = [{ name: 'trace', value: 'ü' }];
    const driver = driverOf(
      [left(0, { id: 'm', __proto__x: 1 }), right(0, { ref: 'm' }), left(1, { id: 'u' }, trace), right(5, { ref: 'u' })],
      {
        type: 'left',
      },
    );
    for (let i = 0; i < 3; i += 1) driver.next();
    driver.flush();
    driver.commit();
    driver.restart();
    expect(driver.operator.size).toBe(3);
    driver.finish();
    expect(driver.results.map(({ key, headers }) => [key, headers['trace']])).toEqual([
      ['m', undefined],
      ['u', 'ü'],
    ]);
  });

  it('keeps very many records of one key in order of time, and lets the first go cheaply', () => {
    const join = new IntervalJoin(optionsWith({ maxRecords: 50_000 }), operatorContext());
    for (let i = 0; i < 50_000; i += 1)
      join.process(recordOf(left(i, { id: 1 }), i), { time: i, watermark: Number.NEGATIVE_INFINITY, side: 'main' });
    for (let watermark = 0; watermark < 50_000; watermark += 1) join.advance(watermark);
    expect(join.size).toBe(10);
  });

  it('is emitted as it stands at the end of a bounded run, as early results, and stays', () => {
    const driver = driverOf([right(3, { ref: 'r' }), left(2, { id: 'l' }), left(0, { id: 'm' }), right(0, { ref: 'm' })], {
      type: 'outer',
    });
    while (!driver.atEnd) driver.next();
    const before = driver.emitted.length;
    driver.operator.emitOpen();
    const open = driver.emitted.slice(before);
    expect(open.map(({ key, headers }) => [key, headers['millrace.pane']])).toEqual([
      ['l', 'early'],
      ['r', 'early'],
    ]);
    driver.finish();
    const final = driver.results.slice(-2);
    expect(final.map(({ headers }) => headers)).toEqual(
      open.map(({ headers: { 'millrace.id': id } }) => ({ 'millrace.id': id })),
    );
    expect(driver.operator.size).toBe(0);
  });
});
