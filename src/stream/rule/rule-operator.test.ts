import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorDriver, recordWith } from '../../../test/support/operator-driver.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { NO_WATERMARK, type OperatorContext } from '../../sdk/operator.ts';
import { GroupBy } from '../group-by.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from './rule.ts';
import { RuleOperator } from './rule-operator.ts';

const QUIET_MS = 10;

interface Seen {
  readonly count: number;
  readonly last: number;
  /** Whether it was said that the key is quiet. */
  readonly quiet: boolean;
}

/** Numbers the events of each key, and says when there was none for 10 ms; forgets the key 10 ms later. */
class Numbering implements Rule<Seen> {
  process(state: Seen | undefined, event: RuleEvent, _key: RuleKey, output: RuleOutput): Seen {
    const count = (state?.count ?? 0) + 1;
    output.pass(event, { ...event.value, n: count });
    return { count, last: event.time, quiet: false };
  }

  dueAt({ last, quiet }: Seen): number {
    return last + (quiet ? 2 * QUIET_MS : QUIET_MS);
  }

  due(state: Seen, key: RuleKey, output: RuleOutput): Seen | undefined {
    if (state.quiet) return undefined;
    const value: JsonObject = { quiet: state.count };
    key.setFields(value);
    output.emit({ what: String(state.last), value, time: state.last + QUIET_MS });
    return { ...state, quiet: true };
  }

  encode({ count, last, quiet }: Seen): JsonValue {
    return [count, last, quiet];
  }

  decode(stored: JsonValue): Seen {
    const [count, last, quiet] = stored as [number, number, boolean];
    return { count, last, quiet };
  }
}

const groupBy = new GroupBy([{ path: ['k'], evaluate: ({ value }) => value['k'] }]);

const numbering =
  (more: { maxKeys?: number; maxWaiting?: number; inOrder?: boolean; takesLate?: number } = {}) =>
  (context: OperatorContext): RuleOperator<Seen> => {
    const { maxKeys = 100, maxWaiting = 100, inOrder = false, takesLate = 0 } = more;
    const settings = { groupBy, late: 'drop', takesLate, maxKeys, maxWaiting };
    return new RuleOperator(new Numbering(), settings, { ...context, inOrder });
  };

interface Given {
  readonly k: string;
  readonly time: number;
}

/** What must come out, by key: the events in the order of time, and the silences. */
function expected(events: readonly Given[], watermark: number): Record<string, unknown[]> {
  const made: Record<string, unknown[]> = {};
  for (const k of new Set(events.map((event) => event.k))) {
    const list: unknown[] = [];
    made[k] = list;
    let count = 0;
    const own = events.filter((event) => event.k === k).sort((a, b) => a.time - b.time);
    for (const [i, { time }] of own.entries()) {
      if (time > watermark) break;
      count += 1;
      list.push([time, count]);
      const next = own[i + 1]?.time ?? Number.POSITIVE_INFINITY;
      if (Math.min(next, watermark) >= time + QUIET_MS) list.push([time + QUIET_MS, `quiet ${count}`]);
      if (next >= time + 2 * QUIET_MS) count = 0;
    }
  }
  return made;
}

function emittedOf(driver: OperatorDriver): Record<string, unknown[]> {
  const made: Record<string, unknown[]> = {};
  for (const { value, time } of driver.emitted) {
    const { k, n, quiet } = value as JsonObject;
    made[String(k)] ??= [];
    made[String(k)]?.push([time, n ?? `quiet ${quiet}`]);
  }
  return made;
}

const WAIT_MS = 15;

/** Events whose times go on, each shuffled by less than the wait; and what happens in between. */
const script = fc.array(
  fc.record({
    k: fc.constantFrom('a', 'b'),
    ahead: fc.integer({ min: 0, max: 12 }),
    back: fc.integer({ min: 0, max: WAIT_MS }),
    after: fc.constantFrom('nothing', 'nothing', 'cut', 'rollback', 'restart'),
  }),
  { maxLength: 60 },
);

describe('an operator that takes records in the order of event time', () => {
  it('gives what taking them in order gives, whatever their order, the cuts and the failures', () => {
    fc.assert(
      fc.property(script, (steps) => {
        let now = 100;
        const events = steps.map(({ k, ahead, back }) => {
          now += ahead;
          return { k, time: now - back };
        });
        const driver = new OperatorDriver(numbering(), { wait: WAIT_MS, inFlight: 1 });
        // What is durable of the input: as many events as were given when the oldest micro-batch that is not was cut.
        const given: number[] = [];
        let durable = 0;
        for (let at = 0; at < events.length; at += 1) {
          const { k, time } = events[at] as Given;
          driver.record({ k }, time);
          const { after } = steps[at] as { after: string };
          if (after === 'cut') {
            driver.cut();
            given.push(at + 1);
            while (given.length > 1) durable = given.shift() as number;
          }
          if (after !== 'rollback' && after !== 'restart') continue;
          if (after === 'rollback') driver.rollback();
          else driver.restart();
          given.length = 0;
          for (let again = durable; again <= at; again += 1)
            driver.record({ k: events[again]?.k ?? '' }, events[again]?.time ?? 0);
        }
        expect(emittedOf(driver)).toEqual(prune(expected(events, driver.now)));
      }),
      { numRuns: 500 },
    );
  });

  it('takes what is late by no more than it is kept for at once, as if it was of now', () => {
    const driver = new OperatorDriver(numbering({ takesLate: 50 }), { wait: 5 });
    driver.record({ k: 'a' }, 100);
    driver.record({ k: 'b' }, 140);
    // The operator stands at 134; what it takes then is not late for the steps behind it either.
    driver.record({ k: 'a' }, 134);
    driver.record({ k: 'a' }, 85);
    driver.record({ k: 'a' }, 84);
    driver.record({ k: 'a' }, 136);
    driver.record({ k: 'c' }, 142);
    expect(emittedOf(driver)['a']).toEqual([
      [100, 1],
      [110, 'quiet 1'],
      [135, 1],
      [135, 2],
      [136, 3],
    ]);
    expect(driver.counters).toMatchObject({ lateKept: 2, lateDropped: 1 });
  });

  it('takes those where the newest record stands, where none waits', () => {
    const driver = new OperatorDriver(numbering({ inOrder: true, takesLate: 50 }), { wait: 0 });
    for (const time of [100, 90, 101, 101, 51]) driver.record({ k: 'a' }, time);
    expect(emittedOf(driver)['a']).toEqual([
      [100, 1],
      [100, 2],
      [101, 3],
      [101, 4],
      [101, 5],
    ]);
    driver.record({ k: 'a' }, 50);
    expect(driver.counters).toMatchObject({ pairs: 6, assigned: 3, lateKept: 2, lateDropped: 1 });
  });

  it('gives the same of late records whatever was taken back and restored', () => {
    const play = (after: (driver: OperatorDriver, at: number) => void): unknown => {
      const driver = new OperatorDriver(numbering({ takesLate: 50, inOrder: true }), { wait: 0 });
      for (const [at, time] of [100, 90, 120, 80, 119, 121, 118].entries()) {
        driver.record({ k: 'a' }, time);
        driver.cut();
        after(driver, at);
      }
      return emittedOf(driver);
    };
    const calm = play(() => undefined);
    expect(play((driver) => driver.restart())).toEqual(calm);
    expect(play((driver) => driver.rollback())).toEqual(calm);
  });

  it('takes records at once where none can come before them', () => {
    const driver = new OperatorDriver(numbering({ inOrder: true }), { wait: 0 });
    driver.record({ k: 'a' }, 100);
    driver.record({ k: 'a' }, 100);
    driver.record({ k: 'b' }, 130);
    expect(emittedOf(driver)).toEqual({
      a: [
        [100, 1],
        [100, 2],
        [110, 'quiet 2'],
      ],
      b: [[130, 1]],
    });
    expect(driver.operator.size).toBe(1);
  });

  it('refuses what comes when its time has passed', () => {
    const driver = new OperatorDriver(numbering(), { wait: 0 });
    driver.record({ k: 'a' }, 100);
    expect(driver.record({ k: 'a' }, 99)).toEqual({ kind: 'dropped' });
    expect(driver.counters).toMatchObject({ pairs: 2, assigned: 1, lateDropped: 1 });
  });

  it('is bounded in keys and in records that wait', () => {
    const keys = new OperatorDriver(numbering({ maxKeys: 1, inOrder: true }), { wait: 0 });
    keys.record({ k: 'a' }, 100);
    expect(keys.record({ k: 'b' }, 100)).toMatchObject({ kind: 'rejected', code: 'RULE_TOO_MANY_KEYS' });
    expect(keys.record({ k: 'a' }, 100)).toEqual({ kind: 'absorbed' });
    const waiting = new OperatorDriver(numbering({ maxWaiting: 1 }), { wait: 100 });
    waiting.record({ k: 'a' }, 100);
    expect(waiting.record({ k: 'a' }, 100)).toMatchObject({ kind: 'rejected', code: 'RULE_TOO_MANY_WAITING' });
    expect(waiting.record({ k: 'x'.repeat(20_000) }, 100)).toMatchObject({ kind: 'rejected', code: 'RULE_KEY_TOO_LONG' });
  });

  it('shows at the end of a run what waits, as if nothing had been', () => {
    const driver = new OperatorDriver(numbering(), { wait: 50 });
    driver.record({ k: 'a' }, 100);
    driver.record({ k: 'a' }, 115);
    driver.operator.emitOpen();
    const early = emittedOf(driver);
    expect(early).toEqual({
      a: [
        [100, 1],
        [110, 'quiet 1'],
        [115, 2],
      ],
    });
    const ids = driver.emitted.map(({ id }) => id);
    driver.watermark(115);
    const final = driver.emitted.slice(3);
    // The same ids, so that what is final takes the place of what was early.
    expect(final.map(({ id }) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
  });

  it('takes back what was only shown, also of a key that the micro-batch has changed before', () => {
    const driver = new OperatorDriver(numbering(), { wait: 50 });
    driver.record({ k: 'a' }, 100);
    driver.record({ k: 'a' }, 105);
    driver.watermark(100);
    driver.operator.emitOpen();
    const shown = driver.emitted.length;
    driver.watermark(105);
    expect(driver.emitted.slice(shown).map(({ value }) => value)).toEqual([{ k: 'a', n: 2 }]);
  });

  it('stops where the micro-batch is full, and goes on in the next', () => {
    let full = false;
    const driver = new OperatorDriver((context) => numbering()({ ...context, isFull: () => full }), {});
    for (const time of [100, 100, 101, 102]) driver.record({ k: 'a' }, time);
    const made = (): unknown[] => driver.emitted.map(({ value }) => value?.['n']);
    full = true;
    driver.watermark(102);
    expect([made(), driver.operator.stoppedAt]).toEqual([[], 99]);
    full = false;
    driver.operator.advance(100);
    expect([made(), driver.operator.stoppedAt]).toEqual([[1, 2, 3, 4], undefined]);
  });

  it('passes keys on that are no text', () => {
    const bytes = Buffer.from([0xff, 0xfe]);
    const emitted: (Uint8Array | undefined)[] = [];
    const driver = new OperatorDriver((context) =>
      numbering({ inOrder: true })({ ...context, emit: ({ keyBytes }) => emitted.push(keyBytes) }),
    );
    const record = recordWith({ k: 'a' }, 5, bytes as unknown as string);
    driver.operator.process(record, { time: 5, watermark: NO_WATERMARK, side: 'main' });
    expect(emitted).toEqual([bytes]);
  });
});

/** Without keys of which nothing came out. */
function prune(made: Record<string, unknown[]>): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(made).filter(([, list]) => list.length > 0));
}
