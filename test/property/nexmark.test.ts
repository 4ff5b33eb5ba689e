import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindOption, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import { recordOf } from '../support/run-step.ts';
import { OperatorRun } from './window-oracle/operator-run.ts';
import { windowFrom } from './window-oracle/subject.ts';

/** The events of the NEXMark benchmark and its answers (../shared/data/nexmark, where it is at hand). */
const EVENTS = resolve('../shared/data/nexmark/events_inorder.ndjson');
const ANSWERS = resolve('../shared/data/nexmark/expected_inorder.json');

type Row = JsonValue[];

interface Timed {
  readonly time: number;
  readonly value: JsonObject;
}

const load = (): { events: Timed[]; answers: Record<string, { rows: Row[] }> } => ({
  events: readFileSync(EVENTS, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject)
    .map((value) => ({ time: value['ts'] as number, value })),
  answers: JSON.parse(readFileSync(ANSWERS, 'utf8')),
});

/** The events for which an expression is true. */
function where(condition: string, events: readonly Timed[]): Timed[] {
  const option = new CompiledOption('expression', condition);
  expect(bindOption(option, defaultScope)).toEqual([]);
  const { evaluate } = option;
  return events.filter(({ value }) => evaluate(recordOf(value)) === true);
}

/** All results of a window step over events in one partition, those of its closed windows and then those that are open at the end. */
function results(options: unknown, events: readonly Timed[]): Timed[] {
  const entries = events.map(({ time, value }) => ({ kind: 'record', key: null, time, value }) as const);
  const weather = { seed: 11, batch: 1_000, aborts: 3, crashes: 2 };
  const run = new OperatorRun({ ...windowFrom(options), entries, wait: 0, repartitioned: false, weather }).run();
  return [...run.committed, ...run.openResults()].map(({ time, value }) => ({ time, value: value as JsonObject }));
}

const ms = (time: JsonValue | undefined): number => Date.parse(String(time));
const windowOf = ({ value }: Timed): { start: number; end: number } => {
  const { start, end } = value['window'] as JsonObject;
  return { start: ms(start), end: ms(end) };
};
const fields =
  (...names: string[]) =>
  ({ value }: Timed): Row =>
    names.map((name) => value[name] as JsonValue);
const withWindow =
  (...names: string[]) =>
  (result: Timed): Row => [...fields(...names)(result), windowOf(result).start, windowOf(result).end];

/** Rows without an order. */
const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

describe.runIf(existsSync(EVENTS))('the answers of NEXMark, row by row', () => {
  const { events, answers } = existsSync(EVENTS) ? load() : { events: [], answers: {} };
  const expected = (name: string): string[] => {
    const rows = answers[name]?.rows ?? [];
    expect(rows.length).toBeGreaterThan(0);
    return sorted(rows);
  };
  const bids = where("type === 'bid'", events);

  it('q2: the bids on some auctions', () => {
    const found = where("type === 'bid' && auction % 123 === 0", events);
    expect(sorted(found.map(fields('auction', 'price')))).toEqual(expected('q2'));
  });

  it('q5: the auctions with the most bids, in windows of 10 s every 2 s', () => {
    const counts = results({ hopping: { size: '10s', every: '2s' }, by: ['auction'], compute: { num: 'count()' } }, bids);
    // Those of one window stand at one time, its last ms: the second window takes them together.
    const hot = results(
      { tumbling: '2s', compute: { most: 'max(num)', all: 'collect({ auction: auction, num: num })' } },
      counts,
    );
    const rows = hot.flatMap(({ value, time }) =>
      (value['all'] as { auction: number; num: number }[])
        .filter(({ num }) => num === value['most'])
        .map(({ auction, num }): Row => [time + 1 - 10_000, time + 1, auction, num]),
    );
    expect(sorted(rows)).toEqual(expected('q5'));
  });

  it('q7: the highest bid of every 10 s', () => {
    const compute = {
      price: 'max(price)',
      auction: 'max_by(auction, price)',
      bidder: 'max_by(bidder, price)',
      ts: 'max_by(ts, price)',
    };
    const rows = results({ tumbling: '10s', compute }, bids).map(
      (result): Row => [...fields('auction', 'price', 'bidder', 'ts')(result), windowOf(result).end],
    );
    expect(sorted(rows)).toEqual(expected('q7'));
  });

  it('q8: the persons who opened an auction in the 10 s in which they came', () => {
    const people = where("type === 'person' || type === 'auction'", events);
    const options = {
      tumbling: '10s',
      by: { id: "type === 'person' ? id : seller" },
      compute: {
        came: "count_if(type === 'person')",
        opened: "count_if(type === 'auction')",
        name: "first(type === 'person' ? name : null)",
      },
      having: 'came > 0 && opened > 0',
    };
    const rows = results(options, people).map((result): Row => [...fields('id', 'name')(result), windowOf(result).start]);
    expect(sorted(rows)).toEqual(expected('q8'));
  });

  it('q11: the bids of each bidder in sessions of 10 s', () => {
    const found = results({ session: '10s', by: ['bidder'], compute: { n: 'count()' } }, bids);
    expect(sorted(found.map(withWindow('bidder', 'n')))).toEqual(expected('q11_gap_inclusive'));
  });

  it('q12: the bids of each bidder in every 10 s', () => {
    const found = results({ tumbling: '10s', by: ['bidder'], compute: { n: 'count()' } }, bids);
    expect(sorted(found.map(withWindow('bidder', 'n')))).toEqual(expected('q12_on_event_time'));
  });

  it('q17: what there is to say of the bids on each auction, by day', () => {
    const compute = {
      total: 'count()',
      rank1: 'count_if(price < 10000)',
      rank2: 'count_if(price >= 10000 && price < 1000000)',
      rank3: 'count_if(price >= 1000000)',
      mn: 'min(price)',
      mx: 'max(price)',
      sm: 'sum(price)',
    };
    const rows = results({ calendar: 'day', by: ['auction'], compute }, bids).map((result): Row => {
      const [auction, ...figures] = fields('auction', ...Object.keys(compute))(result);
      return [auction as JsonValue, String((result.value['window'] as JsonObject)['start']).slice(0, 10), ...figures];
    });
    expect(sorted(rows)).toEqual(expected('q17'));
  });

  it('q18: the last bid of each bidder on each auction', () => {
    const options = { tumbling: '52w', by: ['auction', 'bidder'], compute: { price: 'last(price)', ts: 'last(ts)' } };
    const found = results(options, bids).map(fields('auction', 'bidder', 'price', 'ts'));
    expect(sorted(found)).toEqual(expected('q18_last_bid_per_bidder_auction'));
  });
});
