import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { answerTo, hasNexmark, inOrder, NEXMARK_EVENTS, type Row, rowOf } from '../support/nexmark.ts';
import { killAllProcesses } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

const QUERIES = ['q5', 'q7', 'q8', 'q11', 'q12'] as const;
const TIMEOUT = 120_000;

const pipeline = (name: string): string => fileURLToPath(new URL(`../../pipelines/nexmark/${name}.yaml`, import.meta.url));

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(async () => {
  await killAllProcesses();
  await bench.dispose();
});

/** Runs pipelines over the events on a broker of their own, until all have ended. */
async function runOver(events: string, files: readonly string[]): Promise<void> {
  const env = { NEXMARK_EVENTS: events, NEXMARK_RESULTS: bench.directory };
  const run = bench.run([pipeline('events'), ...files, '--once', '--profile', 'embedded'], env);
  const { code } = await run.ended;
  expect(code, run.stderr).toBe(0);
}

async function resultsOf(query: string): Promise<JsonObject[]> {
  const text = await readFile(bench.path(`${query}.ndjson`), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}

async function rowsOf(query: (typeof QUERIES)[number]): Promise<Row[]> {
  return inOrder((await resultsOf(query)).map(rowOf[query]));
}

const BEGIN = 1_700_000_000_000;
const person = (s: number, id: number, name: string): object => ({ type: 'person', ts: BEGIN + s * 1000, id, name });
const auction = (s: number, id: number, seller: number): object => ({ type: 'auction', ts: BEGIN + s * 1000, id, seller });
const bid = (s: number, on: number, bidder: number, price: number): object => ({
  type: 'bid',
  ts: BEGIN + s * 1000,
  auction: on,
  bidder,
  price,
});

/** The start and the end of a window, in s. */
const between = (start: number, end: number): [number, number] => [BEGIN + start * 1000, BEGIN + end * 1000];

describe('the worked pipelines of NEXMark', () => {
  it('answer for a few events what one works out by hand', { timeout: TIMEOUT }, async () => {
    const events = [
      person(1, 1, 'Ann'),
      person(2, 2, 'Bob'),
      auction(3, 10, 1),
      auction(4, 11, 1),
      bid(9.998, 10, 7, 100),
      bid(9.999, 11, 8, 100),
      // In the next ten seconds: the seller is no longer new, and the last ms of a window is part of it, its end is not.
      bid(10, 11, 7, 90),
      auction(12, 12, 2),
      bid(19.999, 11, 8, 95),
      // Exactly ten seconds after the last bid of bidder 8, and just more than that after the one of bidder 7.
      bid(20.001, 11, 7, 10),
      bid(29.999, 10, 8, 20),
    ];
    const file = await bench.write('events.ndjson', `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
    await runOver(
      file,
      QUERIES.map((query) => pipeline(query)),
    );

    const q5 = await rowsOf('q5');
    expect(q5).toEqual(
      inOrder([
        // Two auctions with as many bids are both hot.
        ...[0].flatMap((start) => [10, 11].map((id) => [...between(start, start + 10), id, 1])),
        ...[2, 4, 6, 8].map((start) => [...between(start, start + 10), 11, 2]),
        [...between(10, 20), 11, 2],
        ...[12, 14, 16, 18].map((start) => [...between(start, start + 10), 11, 2]),
        ...[20].flatMap((start) => [10, 11].map((id) => [...between(start, start + 10), id, 1])),
        ...[22, 24, 26, 28].map((start) => [...between(start, start + 10), 10, 1]),
      ]),
    );
    expect(await rowsOf('q7')).toEqual(
      inOrder([
        [10, 100, 7, BEGIN + 9_998, BEGIN + 10_000],
        [11, 100, 8, BEGIN + 9_999, BEGIN + 10_000],
        [11, 95, 8, BEGIN + 19_999, BEGIN + 20_000],
        [10, 20, 8, BEGIN + 29_999, BEGIN + 30_000],
      ]),
    );
    expect(await rowsOf('q8')).toEqual([[1, 'Ann', BEGIN]]);
    expect(await rowsOf('q11')).toEqual(
      inOrder([
        [7, 2, ...between(9.998, 20)],
        [7, 1, ...between(20.001, 30.001)],
        [8, 3, ...between(9.999, 39.999)],
      ]),
    );
    expect(await rowsOf('q12')).toEqual(
      inOrder([
        [7, 1, ...between(0, 10)],
        [8, 1, ...between(0, 10)],
        [7, 1, ...between(10, 20)],
        [8, 1, ...between(10, 20)],
        [7, 1, ...between(20, 30)],
        [8, 1, ...between(20, 30)],
      ]),
    );
  });

  it.skipIf(!hasNexmark)("give NEXMark's own answers for its 10,000 events", { timeout: TIMEOUT }, async () => {
    await runOver(
      NEXMARK_EVENTS,
      QUERIES.map((query) => pipeline(query)),
    );
    const answers = { q5: 'q5', q7: 'q7', q8: 'q8', q11: 'q11_gap_inclusive', q12: 'q12_on_event_time' };
    for (const query of QUERIES) expect(await rowsOf(query), query).toEqual(answerTo(answers[query]));
  });
});

/** More of NEXMark's queries, each a stream. */
const MORE = `pipeline: nexmark-more
topics:
  nexmark.events: { external: true }
  q2: {}
  q3: {}
  q17: {}
  q18: {}
streams:
  filtered:
    from: nexmark.events
    steps:
      - filter: "type === 'bid' && auction % 123 === 0"
    to: q2
  local-items:
    from: nexmark.events
    steps:
      - filter: "type === 'person' && state in ['OR', 'ID', 'CA']"
      - join: { with: nexmark.events, on: { left: id, right: seller }, within: 1d, as: opened }
      - filter: "opened.type === 'auction' && opened.category === 10"
    to: q3
  auction-statistics:
    from: nexmark.events
    steps:
      - filter: "type === 'bid'"
      - window:
          calendar: day
          by: [ auction ]
          compute:
            total: count()
            rank1: count_if(price < 10000)
            rank2: count_if(price >= 10000 && price < 1000000)
            rank3: count_if(price >= 1000000)
            lowest: min(price)
            highest: max(price)
            sum: sum(price)
    to: q17
  last-bids:
    from: nexmark.events
    steps:
      - filter: "type === 'bid'"
      - window: { calendar: year, by: [ auction, bidder ], compute: { price: last(price), ts: last(ts) } }
    to: q18
sinks:
  q2-results: { from: q2, ndjson: "\${NEXMARK_RESULTS}/q2.ndjson" }
  q3-results: { from: q3, ndjson: "\${NEXMARK_RESULTS}/q3.ndjson" }
  q17-results: { from: q17, ndjson: "\${NEXMARK_RESULTS}/q17.ndjson" }
  q18-results: { from: q18, ndjson: "\${NEXMARK_RESULTS}/q18.ndjson" }
`;

describe.skipIf(!hasNexmark)("more of NEXMark's queries", () => {
  it('have the same answers as pipelines', { timeout: TIMEOUT }, async () => {
    await runOver(NEXMARK_EVENTS, [await bench.write('more.yaml', MORE)]);
    const rows = async (query: string, row: (result: JsonObject) => Row): Promise<Row[]> =>
      inOrder((await resultsOf(query)).map(row));
    expect(await rows('q2', ({ auction, price }) => [auction, price])).toEqual(answerTo('q2'));
    expect(await rows('q3', ({ name, city, state, opened }) => [name, city, state, (opened as JsonObject)['id']])).toEqual(
      answerTo('q3'),
    );
    const statistics = ({ auction, window, total, rank1, rank2, rank3, lowest, highest, sum }: JsonObject): Row => {
      const day = ((window as JsonObject)['start'] as string).slice(0, 10);
      return [auction, day, total, rank1, rank2, rank3, lowest, highest, sum];
    };
    expect(await rows('q17', statistics)).toEqual(answerTo('q17'));
    expect(await rows('q18', ({ auction, bidder, price, ts }) => [auction, bidder, price, ts])).toEqual(
      answerTo('q18_last_bid_per_bidder_auction'),
    );
  });
});
