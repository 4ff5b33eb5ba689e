import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { Deduplicator } from '../../src/stream/deduplicate/deduplicator.ts';
import { IntervalJoin, type IntervalJoinOptions } from '../../src/stream/join/interval-join.ts';
import { type Arrival, JoinDriver, type Result } from '../support/join-driver.ts';

type Join = Pick<IntervalJoinOptions, 'type' | 'before' | 'after'>;

interface World {
  readonly arrivals: readonly Arrival[];
  readonly wait: number;
}

const ACTIONS = ['next', 'next', 'next', 'flush', 'commit', 'abort', 'restart'] as const;

/** Mostly in order, some far behind, times below 0 and equal ones among them; some without a key. */
const arrivals = (sides: readonly Arrival['side'][]): fc.Arbitrary<readonly Arrival[]> =>
  fc
    .array(
      fc.record({
        side: fc.constantFrom(...sides),
        partition: fc.integer({ min: 0, max: 1 }),
        drift: fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: -3, max: 6 }) },
          { weight: 1, arbitrary: fc.integer({ min: -40, max: 20 }) },
        ),
        key: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom<string | number>('a', 'b', 7) },
          { weight: 1, arbitrary: fc.constant(null) },
        ),
      }),
      { maxLength: 60, size: 'max' },
    )
    .map((made) => {
      let time = -50;
      return made.map(({ side, partition, drift, key }, n) => {
        time += Math.max(-2, Math.min(drift, 6));
        const at = drift < -3 || drift > 6 ? time + drift : time;
        return { side, partition, time: at, value: { n, k: key } };
      });
    });

const world = (sides: readonly Arrival['side'][]): fc.Arbitrary<World> =>
  fc.record({ arrivals: arrivals(sides), wait: fc.constantFrom(0, 2, 10) });

const actions = fc.array(fc.constantFrom(...ACTIONS), { maxLength: 150, size: 'max' });

/** Does what `plan` says, then the rest. */
function run(driver: JoinDriver, plan: readonly (typeof ACTIONS)[number][]): void {
  for (const action of plan) if (action !== 'next' || !driver.atEnd) driver[action]();
  driver.finish();
}

/** The watermark of each arrival's own partition before it. */
function ownWatermarks({ arrivals, wait }: World): number[] {
  const latest = new Map<string, number>();
  return arrivals.map(({ side, partition, time }) => {
    const name = side + partition;
    const before = latest.get(name);
    latest.set(name, Math.max(before ?? time, time));
    return before === undefined ? Number.NEGATIVE_INFINITY : before - wait - 1;
  });
}

/** All results, as `left-right` by numbers, from nothing but the definition. */
function nestedLoop(input: World, { type, before, after }: Join): string[] {
  const { arrivals } = input;
  const marks = ownWatermarks(input);
  const closes = arrivals.map(({ side, time }) => time + (side === 'main' ? after : before));
  const accepted = arrivals.map((_, i) => (closes[i] as number) > (marks[i] as number));
  const met = new Set<number>();
  const rows: string[] = [];
  for (const [l, left] of arrivals.entries()) {
    for (const [r, right] of arrivals.entries()) {
      if (left.side !== 'main' || right.side !== 'joined' || !accepted[l] || !accepted[r]) continue;
      if (left.value['k'] === null || left.value['k'] !== right.value['k']) continue;
      if (right.time < left.time - before || right.time > left.time + after) continue;
      const mark = Math.max(marks[l] as number, marks[r] as number);
      if ((closes[l] as number) <= mark || (closes[r] as number) <= mark) continue;
      rows.push(`${l}-${r}`);
      met.add(l).add(r);
    }
  }
  for (const [i, { side }] of arrivals.entries()) {
    if (met.has(i) || !accepted[i]) continue;
    if (side === 'main' && type !== 'inner') rows.push(`${i}-`);
    if (side === 'joined' && type === 'outer') rows.push(`-${i}`);
  }
  return rows.sort();
}

function joinDriver({ arrivals, wait }: World, join: Join): JoinDriver {
  const key: IntervalJoinOptions['leftKey'] = ({ value }) => value['k'];
  const fields = { as: ['other'], leftKey: undefined, rightKey: undefined };
  const options: IntervalJoinOptions = { ...join, leftKey: key, rightKey: key, fields, late: 'drop', maxRecords: 1_000 };
  return new JoinDriver({ create: (context) => new IntervalJoin(options, context), arrivals, wait });
}

function nameOf({ value }: Result): string {
  const other = value['other'] as JsonObject | undefined;
  return `${value['n'] ?? ''}-${other?.['n'] ?? ''}`;
}

const join: fc.Arbitrary<Join> = fc.record({
  type: fc.constantFrom('inner', 'left', 'outer'),
  before: fc.integer({ min: 0, max: 12 }),
  after: fc.integer({ min: 0, max: 12 }),
});

describe('the interval join', () => {
  it('gives what a nested loop gives, however it is cut, taken back and killed', () => {
    fc.assert(
      fc.property(world(['main', 'joined']), join, actions, (input, options, plan) => {
        const driver = joinDriver(input, options);
        run(driver, plan);
        expect(driver.results.map(nameOf).sort()).toEqual(nestedLoop(input, options));
        expect(driver.operator.size).toBe(0);
        expect(driver.changelog.size).toBe(0);
      }),
      { numRuns: 1_500 },
    );
  });

  it('gives the same ids, times, values and order of completion whatever the cuts', () => {
    fc.assert(
      fc.property(world(['main', 'joined']), join, actions, (input, options, plan) => {
        const whole = joinDriver(input, options);
        whole.finish();
        const cut = joinDriver(input, options);
        run(cut, plan);
        expect(cut.results).toEqual(whole.results);
        expect(new Set(whole.results.map(({ headers }) => headers['millrace.id'])).size).toBe(whole.results.length);
        expect(cut.fates).toEqual(whole.fates);
      }),
      { numRuns: 500 },
    );
  });

  it('counts every record once', () => {
    fc.assert(
      fc.property(world(['main', 'joined']), join, (input, options) => {
        const driver = joinDriver(input, options);
        driver.finish();
        const { pairs, assigned, lateDropped, gapDropped } = driver.counters;
        expect(pairs).toBe(input.arrivals.length);
        expect(assigned + lateDropped + gapDropped).toBe(pairs);
        expect(driver.fates.filter(({ kind }) => kind === 'dropped')).toHaveLength(lateDropped + gapDropped);
      }),
      { numRuns: 300 },
    );
  });
});

/** What becomes of each arrival, from nothing but the definition. */
function firstOfEach(input: World, within: number): string[] {
  const marks = ownWatermarks(input);
  const through: { readonly key: unknown; readonly time: number }[] = [];
  return input.arrivals.map(({ time, value }, i) => {
    const mark = marks[i] as number;
    const key = value['k'];
    if (key === null) return 'passed';
    if (time + within <= mark) return 'dropped';
    const isDuplicate = through.some(
      (before) => before.key === key && Math.abs(before.time - time) <= within && before.time + within > mark,
    );
    if (isDuplicate) return 'dropped';
    through.push({ key, time });
    return 'passed';
  });
}

describe('deduplication', () => {
  it('lets through what the definition says, however it is cut, taken back and killed', () => {
    fc.assert(
      fc.property(
        world(['main']),
        fc.constantFrom(0, 3, 10, 2_000),
        fc.constantFrom(1, 700),
        actions,
        (made, within, pace, plan) => {
          // Times a second apart too, so that keys are forgotten slice by slice.
          const input = { wait: made.wait * pace, arrivals: made.arrivals.map((one) => ({ ...one, time: one.time * pace })) };
          const identityOf = ({ value: { k } }: { value: JsonObject }): string | undefined =>
            k === null ? undefined : String(k);
          const driver = new JoinDriver({
            create: (context) => new Deduplicator({ identityOf, within, late: 'drop', maxKeys: 1_000 }, context),
            ...input,
          });
          run(driver, plan);
          expect(driver.fates.map(({ kind }) => kind)).toEqual(firstOfEach(input, within));
          expect(driver.operator.size).toBe(0);
          expect(driver.changelog.size).toBe(0);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
