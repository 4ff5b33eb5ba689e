import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { eventsOf, inTurn, play, type ScriptEvent, scripts } from '../../test/support/rule-script.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import type { OperatorFactory } from '../sdk/operator.ts';
import { running } from './running.ts';

const EXPIRES = 20;
const OVER = 30;

const inOrder =
  (options: object): OperatorFactory =>
  (context) =>
    operatorOf(running, options)({ ...context, inOrder: true });

/** What records become that come in order, one a second or at their own `at`. */
function valuesOf(options: object, records: readonly (JsonObject & { at?: number })[]): unknown[] {
  const driver = new OperatorDriver(inOrder(options), { wait: 0 });
  for (const [i, { at = i * 1000, ...value }] of records.entries()) driver.record(value, at);
  return driver.emitted.map(({ value }) => value);
}

const COMPUTE = {
  n: 'count()',
  'card.spent': 'sum(amount)',
  usual: 'avg(amount)',
  least: 'min(amount)',
  last: 'last(amount)',
  kinds: 'distinct(kind)',
  all: 'collect(amount)',
};

/** The same, over all records of the key that count. */
function naive(records: readonly JsonObject[], into: JsonObject): JsonObject {
  const amounts = records.map(({ amount }) => amount as number);
  const spent = amounts.reduce((sum, amount) => sum + amount, 0);
  const some = amounts.length > 0;
  return {
    ...into,
    n: amounts.length,
    ...(some ? { card: { ...(into['card'] as JsonObject), spent } } : {}),
    ...(some ? { usual: spent / amounts.length, least: Math.min(...amounts), last: amounts.at(-1) as number } : {}),
    kinds: new Set(records.map(({ kind }) => kind)).size,
    all: amounts,
  };
}

/** What each record in turn must become. */
function expected(
  events: readonly ScriptEvent[],
  { current, expires = Number.POSITIVE_INFINITY, over = Number.POSITIVE_INFINITY }: Expected,
): JsonObject[] {
  return events.map(({ value, time }, at) => {
    let counted: ScriptEvent[] = [];
    let last = Number.POSITIVE_INFINITY;
    for (const other of events.slice(0, at).filter((one) => one.value['k'] === value['k'])) {
      if (other.time - last >= expires) counted = [];
      counted.push(other);
      last = other.time;
    }
    if (time - last >= expires) counted = [];
    const values = counted.filter((other) => other.time >= time - over).map((other) => other.value);
    return naive(current ? [...values, value] : values, value);
  });
}

interface Expected {
  readonly current: boolean;
  readonly expires?: number;
  readonly over?: number;
}

const byKey = (values: readonly unknown[]): unknown =>
  ['a', 'b'].map((k) => values.filter((value) => (value as JsonObject)['k'] === k));

const value = fc.record({
  k: fc.constantFrom('a', 'b'),
  card: fc.record({ id: fc.constantFrom(1, 2) }),
  amount: fc.integer({ min: -1000, max: 1000 }),
  kind: fc.constantFrom('x', 'y', 'z'),
}) as fc.Arbitrary<JsonObject>;

describe('running', () => {
  it.each([true, false])('gives what SQL gives over the sorted records (with the current one: %s)', (current) => {
    const create = operatorOf(running, { by: ['k'], compute: COMPUTE, include_current: current, expires: `${EXPIRES}ms` });
    fc.assert(
      fc.property(scripts(value), (steps) => {
        const driver = play(create, steps);
        const events = inTurn(eventsOf(steps), driver.now);
        const made = driver.emitted.map((each) => each.value);
        expect(byKey(made)).toEqual(byKey(expected(events, { current, expires: EXPIRES })));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [{}, { current: true }],
    [{ include_current: false }, { current: false }],
    [{ expires: '15ms' }, { current: true, expires: 15 }],
  ])('gives what SQL gives over a range that slides (%j)', (options, as) => {
    const create = operatorOf(running, { by: ['k'], compute: COMPUTE, over: `${OVER}ms`, ...options });
    fc.assert(
      fc.property(scripts(value, 8), (steps) => {
        const driver = play(create, steps);
        const events = inTurn(eventsOf(steps), driver.now);
        const made = driver.emitted.map((each) => each.value);
        expect(byKey(made)).toEqual(byKey(expected(events, { ...as, over: OVER })));
      }),
      { numRuns: 100 },
    );
  });

  it('counts a record that is as far before as the range is long, and those of its own time before it', () => {
    const times = [0, 1, 10_000, 10_000, 10_001, 20_000].map((at) => ({ at }));
    const counts = valuesOf({ over: '10s', compute: { n: 'count()' } }, times).map((made) => (made as { n: number }).n);
    expect(counts).toEqual([1, 2, 3, 4, 4, 4]);
  });

  it('puts records together beyond what it may keep, and then begins its range too early by a 256th at most', () => {
    const amounts = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 9 })), {
      minLength: 80,
      maxLength: 130,
    });
    fc.assert(
      fc.property(amounts, fc.nat(), (steps, cut) => {
        const options = {
          over: '10s',
          max_kept: 600,
          compute: { n: 'count()', sum: 'sum(amount)', list: 'collect_distinct(amount)' },
        };
        const driver = new OperatorDriver(inOrder(options), { wait: 0 });
        const events: { time: number; amount: number }[] = [];
        for (const [i, [ahead, amount]] of steps.entries()) {
          const time = (events.at(-1)?.time ?? 0) + ahead;
          for (let same = 0; same < 10; same += 1) {
            driver.record({ amount }, time + same);
            events.push({ time: time + same, amount });
          }
          if (i === cut % steps.length) {
            driver.cut();
            driver.restart();
          }
        }
        for (const [i, { value: made }] of driver.emitted.entries()) {
          const { time } = events[i] as { time: number };
          const since = (begin: number): number[] =>
            events.slice(0, i + 1).flatMap((one) => (one.time >= begin ? [one.amount] : []));
          const [exact, loose] = [since(time - 10_000), since(time - 10_000 - Math.ceil(10_000 / 256))];
          expect(made?.['n']).toBeGreaterThanOrEqual(exact.length);
          expect(made?.['n']).toBeLessThanOrEqual(loose.length);
          if (exact.length === loose.length) expect(made?.['sum']).toBe(exact.reduce((sum, one) => sum + one, 0));
        }
      }),
      { numRuns: 10 },
    );
  });

  it('is bounded in what it keeps of a key', () => {
    const compute = { n: 'count()', all: 'collect(text, 1000)', most: 'max(text)' };
    const driver = new OperatorDriver(inOrder({ over: '1h', max_kept: 16, compute }), { wait: 0 });
    for (let i = 0; i < 500; i += 1) driver.record({ text: `${i}`.padEnd(50_000, 'x') }, i * 1000);
    driver.cut();
    const [stored] = driver.changelog.values();
    expect(stored?.length).toBeLessThan(4_000_000);
    expect(driver.emitted.at(-1)?.value?.['n']).toBe(500);
  });

  it('gives the same over a range with failures and restarts as without, to the last bit', () => {
    const amount = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value + 0);
    const compute = { sum: 'sum(amount)', deviation: 'stddev(amount)', p: 'median(amount)', t: 'top(amount)' };
    const create = operatorOf(running, { by: ['k'], compute, over: '40ms', max_kept: 16 });
    const values = fc.record({ k: fc.constantFrom('a', 'b'), amount }) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(scripts(values, 3), (steps) => {
        const [troubled, calm] = [play(create, steps), play(create, steps, true)].map(({ emitted }) =>
          emitted.map((one) => [one.time, one.value]),
        );
        expect(troubled).toEqual(calm);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same with failures and restarts as without, to the last bit', () => {
    const amount = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value + 0);
    const compute = {
      sum: 'sum(amount)',
      usual: 'avg(amount)',
      deviation: 'stddev(amount)',
      p: 'median(amount)',
      t: 'top(amount)',
    };
    const create = operatorOf(running, { by: ['k'], compute });
    const values = fc.record({ k: fc.constantFrom('a', 'b'), amount }) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(scripts(values), (steps) => {
        const [troubled, calm] = [play(create, steps), play(create, steps, true)].map(({ emitted }) =>
          emitted.map((one) => [one.time, one.value]),
        );
        expect(troubled).toEqual(calm);
      }),
      { numRuns: 100 },
    );
  });

  it('compares a record with what was usual before it', () => {
    const compute = { usual: 'avg(amount)', ratio: 'round(amount / avg(amount), 2)', high: 'ratio > 3' };
    const records = [10, 20, 90, 30].map((amount) => ({ amount }));
    expect(valuesOf({ compute, include_current: false }, records)).toEqual([
      { amount: 10, high: false },
      { amount: 20, usual: 10, ratio: 2, high: false },
      { amount: 90, usual: 15, ratio: 6, high: true },
      { amount: 30, usual: 40, ratio: 0.75, high: false },
    ]);
  });

  it('leaves no field of the record in the place of one that could not be computed', () => {
    const compute = { usual: 'avg(amount)', 'card.usual': 'avg(amount)', spent: 'spent + sum(amount)' };
    const record = { amount: 'unknown', usual: 5, card: { id: 1, usual: 5 }, spent: 7 };
    expect(valuesOf({ compute }, [record])).toEqual([{ amount: 'unknown', card: { id: 1 } }]);
  });

  it('changes nothing in what its aggregates keep, whatever becomes of the records it has sent on', () => {
    const driver = new OperatorDriver(inOrder({ compute: { seen: 'collect(tags)', before: 'last(tags)' } }), { wait: 0 });
    for (const tags of [['a'], ['b']]) {
      driver.record({ tags }, 1000);
      const { seen, before, tags: own } = driver.emitted.at(-1)?.value ?? {};
      for (const list of [own, before, (seen as JsonValue[])[0]]) (list as JsonValue[]).push('changed');
    }
    driver.record({ tags: ['c'] }, 1000);
    expect(driver.emitted.at(-1)?.value).toEqual({ seen: [['a'], ['b'], ['c']], before: ['c'], tags: ['c'] });
  });

  it('sees the key, the time and the headers of a record, and not where it stood', () => {
    const compute = {
      key: 'last($key)',
      time: 'last($time)',
      topic: 'last($topic)',
      offsets: 'count($offset)',
      h: "count($headers['h'])",
    };
    const driver = new OperatorDriver(inOrder({ by: ['$key'], compute }), { wait: 0 });
    driver.record({}, 1000, { key: 'k' });
    expect(driver.emitted[0]?.value).toEqual({ key: 'k', time: 1000, offsets: 0, h: 0 });
  });

  it('takes a missing key and null for one', () => {
    const records = [{ k: null }, {}, { k: 'null' }];
    expect(valuesOf({ by: ['k'], compute: { n: 'count()' } }, records)).toEqual([
      { k: null, n: 1 },
      { n: 2 },
      { k: 'null', n: 1 },
    ]);
  });

  it('shows at the end of a run what waits, and counts it once all the same', () => {
    const driver = new OperatorDriver(operatorOf(running, { compute: { n: 'count()' } }), { wait: 1000 });
    for (const time of [1000, 1500, 2500]) driver.record({ t: time }, time);
    driver.operator.emitOpen();
    driver.watermark(10_000);
    driver.record({ t: 20_000 }, 20_000);
    driver.watermark(30_000);
    expect(driver.emitted.map(({ value: made }) => [made?.['t'], made?.['n']])).toEqual([
      ...[
        [1000, 1],
        [1500, 2],
        [2500, 3],
      ],
      ...[
        [1500, 2],
        [2500, 3],
        [20_000, 4],
      ],
    ]);
  });

  it('holds no key for longer than it says', () => {
    const driver = new OperatorDriver(inOrder({ by: ['k'], compute: { n: 'count()' }, expires: '1m' }), { wait: 0 });
    for (let i = 0; i < 100; i += 1) driver.record({ k: i }, i);
    expect(driver.operator.size).toBe(100);
    driver.watermark(60_050);
    expect(driver.operator.size).toBe(49);
    driver.cut();
    expect(driver.changelog.size).toBe(49);
  });
});
