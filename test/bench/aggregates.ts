/**
 * Prints what adding a record to the accumulators of a group costs, in ns of CPU time, beside a loop written by hand in the same
 * run: the best of several rounds over many groups. Compile first (`npx tsc -p test/bench/tsconfig.json`), then run `node
 * dist/test/bench/aggregates.js` from the project's root.
 */
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import type { Aggregation } from '../../src/sdk/aggregation.ts';
import { aggregationOf } from '../support/aggregation.ts';

const RECORDS = 4096;
const GROUPS = 512;
const PASSES = 50;
const ROUNDS = 15;
const NS_PER_US = 1000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const records = Array.from({ length: RECORDS }, (_, i) => {
  const record = new StreamRecord();
  // Parsed, as records are: it decides how V8 stores them.
  record.value = JSON.parse(
    JSON.stringify({
      http: { response: { status_code: i % 9 === 0 ? 503 : 200, body: { bytes: (i * 7919) % 100_000 } } },
      event: { duration: Math.round(Math.exp((i % 200) / 15) * 1000) / 7 },
      user: { id: `user-${(i * 31) % 3000}` },
    }),
  ) as JsonObject;
  return record;
});

/** ns of CPU time for each record. */
function measure(work: (record: StreamRecord, group: number, time: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = process.cpuUsage();
    for (let pass = 0; pass < PASSES; pass += 1) {
      for (let i = 0; i < RECORDS; i += 1) work(records[i] as StreamRecord, (i * 13 + pass) % GROUPS, i);
    }
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, ((user + system) * NS_PER_US) / (PASSES * RECORDS));
  }
  return best;
}

function adding(aggregation: Aggregation): number {
  const groups = Array.from({ length: GROUPS }, () => aggregation.create());
  return measure((record, group, time) => aggregation.add(groups[group] as unknown[], record, time));
}

interface ByHand {
  count: number;
  sum: number;
}

function byHand(): number {
  const groups = Array.from({ length: GROUPS }, (): ByHand => ({ count: 0, sum: 0 }));
  return measure(({ value }, group) => {
    const { http } = value as { http?: { response?: { body?: { bytes?: number } } } };
    const bytes = http?.response?.body?.bytes;
    const state = groups[group] as ByHand;
    state.count += 1;
    if (bytes !== undefined) state.sum += bytes;
  });
}

const BYTES = 'http.response.body.bytes';
const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'count, sum': { n: 'count()', bytes: `sum(${BYTES})` },
  'count, sum, avg, min, max': {
    n: 'count()',
    sum: `sum(${BYTES})`,
    avg: `avg(${BYTES})`,
    min: `min(${BYTES})`,
    max: `max(${BYTES})`,
  },
  count_if: { n: 'count_if(http.response.status_code >= 500)' },
  stddev: { it: `stddev(${BYTES})` },
  'first, last': { a: 'first(user.id)', b: 'last(user.id)' },
  max_by: { it: `max_by(user.id, ${BYTES})` },
  distinct: { it: 'distinct(user.id)' },
  approx_distinct: { it: 'approx_distinct(user.id)' },
  'median, quantile': { a: 'median(event.duration)', b: 'quantile(event.duration, 0.99)' },
  top: { it: 'top(user.id)' },
  collect: { it: 'collect(user.id)' },
  collect_distinct: { it: 'collect_distinct(user.id)' },
};

const plain = byHand();
print(`${'by hand: count, sum'.padEnd(32)}${plain.toFixed(1).padStart(8)} ns`);
for (const [name, compute] of Object.entries(cases)) {
  const cost = adding(aggregationOf(compute));
  print(`${name.padEnd(32)}${cost.toFixed(1).padStart(8)} ns${(cost / plain).toFixed(1).padStart(8)} x`);
}
