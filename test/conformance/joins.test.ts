import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/record/json.ts';
import { IntervalJoin, type IntervalJoinOptions } from '../../src/stream/join/interval-join.ts';
import { type Arrival, JoinDriver, type Result } from '../support/join-driver.ts';

const CASES = '../shared/data/windows/cases.json';

type Type = IntervalJoinOptions['type'];

interface Event {
  readonly side: 'left' | 'right';
  readonly key: JsonValue;
  readonly value: JsonValue;
  readonly ts: number;
}

interface Row {
  readonly key: JsonValue;
  readonly left: JsonValue;
  readonly right: JsonValue;
  readonly ts: number;
}

interface Case {
  readonly id: string;
  readonly kind: string;
  readonly config: { readonly join: Type; readonly before_ms: number; readonly after_ms: number; readonly grace_ms: number };
  readonly steps: readonly ({ readonly event: Event } | { readonly expect: readonly Row[] })[];
}

interface JoinConfig {
  readonly type: Type;
  readonly before: number;
  readonly after: number;
  readonly wait: number;
}

function driverFor({ type, before, after, wait }: JoinConfig, arrivals: readonly Arrival[]): JoinDriver {
  const key: IntervalJoinOptions['leftKey'] = ({ value }) => value['k'];
  const options: IntervalJoinOptions = {
    ...{ before, after, type, leftKey: key, rightKey: key, late: 'drop', maxRecords: 1_000 },
    fields: { as: ['right'], leftKey: ['k'], rightKey: ['k'] },
  };
  return new JoinDriver({ create: (context) => new IntervalJoin(options, context), arrivals, wait, oneWatermark: true });
}

function cut(driver: JoinDriver): void {
  driver.flush();
  driver.commit();
}

/** Cuts a micro-batch, commits it, and starts anew from what is durable. */
function cutAndRestart(driver: JoinDriver): void {
  cut(driver);
  driver.restart();
}

const MODES = [
  ['in one micro-batch', () => {}],
  ['with a cut after every record', cut],
  ['with a cut and a restart after every record', cutAndRestart],
  ['with every record taken back and read again once', abortOnce()],
] as const;

/** After each record that is new: takes it back, so that it is read again, and then commits. */
function abortOnce(): (driver: JoinDriver) => void {
  const aborted = new WeakMap<JoinDriver, boolean>();
  return (driver) => {
    if (aborted.get(driver) !== true) {
      aborted.set(driver, true);
      driver.abort();
      driver.next();
    }
    aborted.set(driver, false);
    cut(driver);
  };
}

const arrivalOf = ({ side, key, value, ts }: Event): Arrival => ({
  side: side === 'left' ? 'main' : 'joined',
  partition: 0,
  time: ts,
  value: side === 'left' ? { k: key, left: value } : { k: key, value },
});

function rowOf({ value, key, time }: Result): Row {
  const right = value['right'] as { readonly value?: JsonValue } | undefined;
  return { key: key as string, left: value['left'] ?? null, right: right?.value ?? null, ts: time };
}

const asText = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify({ ...row, key: String(row.key) })).sort();

const present = existsSync(CASES);
const cases = present
  ? (JSON.parse(readFileSync(CASES, 'utf8')) as { cases: Case[] }).cases.filter(({ kind }) => kind === 'join')
  : [];

describe.skipIf(!present)('the join cases of other systems', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  describe.each(MODES)('%s', (_, between) => {
    it.each(cases)('$id', ({ config, steps }) => {
      const { join: type, before_ms: before, after_ms: after, grace_ms: wait } = config;
      const arrivals = steps.flatMap((step) => ('event' in step ? [arrivalOf(step.event)] : []));
      const driver = driverFor({ type, before, after, wait }, arrivals);
      let seen = 0;
      for (const step of steps) {
        if ('event' in step) {
          driver.next();
          between(driver);
          continue;
        }
        const rows = driver.emitted.slice(seen).map(rowOf);
        seen = driver.emitted.length;
        expect(asText(rows)).toEqual(asText(step.expect));
      }
    });
  });
});

const S = 1000;

/** A record of the table: side, value and time in seconds. `null` stands for one that can be joined with none. */
type TableEvent = readonly ['left' | 'right', string | null, number];

/**
 * The table of joins in Kafka Streams' documentation (window 15 s, grace 5 s): what each record makes, as left-right, for inner, left
 * and outer. The table lets a window close when stream time reaches its end + grace (E at 40 by F at 60); a watermark does so at
 * end + wait + 1 ms, hence the `wait` of a millisecond less.
 */
const TABLE: readonly (readonly [TableEvent, inner: string[], left: string[], outer: string[]])[] = [
  [['left', null, 1], [], [], []],
  [['right', null, 2], [], [], []],
  [['left', 'A', 3], [], [], []],
  [['right', 'a', 4], ['A-a'], ['A-a'], ['A-a']],
  [['left', 'B', 5], ['B-a'], ['B-a'], ['B-a']],
  [
    ['right', 'b', 6],
    ['A-b', 'B-b'],
    ['A-b', 'B-b'],
    ['A-b', 'B-b'],
  ],
  [['left', null, 7], [], [], []],
  [['right', null, 8], [], [], []],
  [
    ['left', 'C', 9],
    ['C-a', 'C-b'],
    ['C-a', 'C-b'],
    ['C-a', 'C-b'],
  ],
  [
    ['right', 'c', 10],
    ['A-c', 'B-c', 'C-c'],
    ['A-c', 'B-c', 'C-c'],
    ['A-c', 'B-c', 'C-c'],
  ],
  [['right', null, 11], [], [], []],
  [['left', null, 12], [], [], []],
  [['right', null, 13], [], [], []],
  [
    ['right', 'd', 14],
    ['A-d', 'B-d', 'C-d'],
    ['A-d', 'B-d', 'C-d'],
    ['A-d', 'B-d', 'C-d'],
  ],
  [
    ['left', 'D', 15],
    ['D-a', 'D-b', 'D-c', 'D-d'],
    ['D-a', 'D-b', 'D-c', 'D-d'],
    ['D-a', 'D-b', 'D-c', 'D-d'],
  ],
  [['left', 'E', 40], [], [], []],
  [['left', 'F', 60], [], ['E-null'], ['E-null']],
  [['right', 'f', 80], [], ['F-null'], ['F-null']],
];

/** A record with a null value has no counterpart here, where every value is an object: it is never an operator's. */
const events = TABLE.filter(([[, value]]) => value !== null);

describe("Kafka Streams' documented table of stream-stream joins", () => {
  describe.each(MODES)('%s', (_, between) => {
    it.each([
      ['inner', 1],
      ['left', 2],
      ['outer', 3],
    ] as const)('%s', (type, column) => {
      const arrivals = events.map(([[side, value, seconds]]) => arrivalOf({ side, key: 'K', value, ts: seconds * S }));
      const driver = driverFor({ type, before: 15 * S, after: 15 * S, wait: 5 * S - 1 }, arrivals);
      let seen = 0;
      for (const row of events) {
        driver.next();
        between(driver);
        const rows = driver.emitted.slice(seen).map(rowOf);
        seen = driver.emitted.length;
        expect(rows.map(({ left, right }) => `${left}-${right}`)).toEqual(row[column]);
      }
      driver.finish();
      expect(
        driver.emitted
          .slice(seen)
          .map(rowOf)
          .map(({ left, right }) => `${left}-${right}`),
      ).toEqual(type === 'outer' ? ['null-f'] : []);
    });
  });
});
