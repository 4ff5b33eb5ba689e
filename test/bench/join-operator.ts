/**
 * Prints what a join within an interval and deduplication cost, in ns of CPU time a record, single-threaded and in memory, with
 * micro-batches that are flushed and committed, and how many bytes they keep. Compile first (`npx tsc -p test/bench`), then run
 * `node --expose-gc dist/test/bench/join-operator.js` from the project's root.
 */
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import type { InputSide, PartitionOperator } from '../../src/sdk/operator.ts';
import { identityByValues } from '../../src/steps/deduplicate/identity.ts';
import { Deduplicator } from '../../src/stream/deduplicate/deduplicator.ts';
import { IntervalJoin } from '../../src/stream/join/interval-join.ts';
import { operatorContext } from '../support/join-driver.ts';

const PAIRS = 250_000;
const KEPT_PAIRS = 100_000;
const DISTINCT = 1_000_000;
const MICRO_BATCH = 10_000;
const NS_PER_US = 1000;
const BEGIN = Date.UTC(2026, 0, 1);
const SPAN_MS = 60_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const timeText = (n: number): string => new Date(BEGIN + n).toISOString();
const order = (n: number): JsonObject => ({
  '@timestamp': timeText(n),
  order: { id: `order-${n}`, total: 12.5 + n, currency: 'EUR' },
  customer: { id: n % 1_000, country: 'DE' },
});
const payment = (n: number): JsonObject => ({
  '@timestamp': timeText(n),
  order: { id: `order-${n}` },
  method: 'card',
  amount: 12.5 + n,
});

interface Feed {
  readonly operator: PartitionOperator;
  /** Records that are made, flushed and committed. */
  readonly records: number;
  valueAt(n: number): JsonObject;
  sideAt(n: number): InputSide;
  /** Event time, from the beginning. */
  timeAt(n: number): number;
}

let changes = 0;
const countChange = (): void => {
  changes += 1;
};

/** CPU time of the operator, in ns a record: decoding the values, which every step needs, is not in it. */
function run({ operator, records, valueAt, sideAt, timeAt }: Feed): number {
  const record = new StreamRecord();
  const builder = new BatchBuilder(['bench']);
  const changelog = { put: countChange, remove: countChange };
  let spent = 0;
  for (let first = 0; first < records; first += MICRO_BATCH) {
    const texts = Array.from({ length: MICRO_BATCH }, (_, i) => JSON.stringify(valueAt(first + i)));
    builder.reset();
    for (let i = 0; i < MICRO_BATCH; i += 1) {
      builder.begin(0, 0, BEGIN);
      builder.offset(first + i);
    }
    const batch = builder.batch();
    const values = texts.map((text) => JSON.parse(text) as JsonObject);
    const begin = process.cpuUsage();
    for (let i = 0; i < MICRO_BATCH; i += 1) {
      const n = first + i;
      const time = BEGIN + timeAt(n);
      record.moveTo(batch, i, values[i] as JsonObject);
      operator.process(record, { time, watermark: time - 1, side: sideAt(n) });
      operator.advance(time - 1);
    }
    operator.flush(changelog);
    operator.commit();
    const { user, system } = process.cpuUsage(begin);
    spent += user + system;
  }
  return (spent * NS_PER_US) / records;
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Orders and their payments in turn, each pair 1 ms after the one before. */
function joinFeed(operator: PartitionOperator, pairs: number): Feed {
  return {
    operator,
    records: 2 * pairs,
    valueAt: (n) => (n % 2 === 0 ? order(n >> 1) : payment(n >> 1)),
    sideAt: (n) => (n % 2 === 0 ? 'main' : 'joined'),
    timeAt: (n) => n >> 1,
  };
}

function joinOf(within: number, emit: () => void): IntervalJoin {
  const key = ({ value }: StreamRecord) => (value['order'] as JsonObject)['id'];
  const fields = { as: ['payment'], leftKey: undefined, rightKey: undefined };
  return new IntervalJoin(
    { before: within, after: within, type: 'left', leftKey: key, rightKey: key, fields, late: 'drop', maxRecords: 10_000_000 },
    operatorContext({ emit }),
  );
}

let results = 0;
const count = (): void => {
  results += 1;
};
const ns = run(joinFeed(joinOf(SPAN_MS, count), PAIRS));
print(`interval join, 1 match each    ${ns.toFixed(0)} ns a record (${results} results of ${2 * PAIRS} records)`);

const empty = heapUsed();
const keeping = joinOf(Number.MAX_SAFE_INTEGER, count);
run(joinFeed(keeping, KEPT_PAIRS));
const texts = (JSON.stringify(order(KEPT_PAIRS)).length + JSON.stringify(payment(KEPT_PAIRS)).length) / 2;
print(
  `  kept                         ${((heapUsed() - empty) / keeping.size).toFixed(0)} bytes a record (its JSON has ${texts.toFixed(0)})`,
);

const before = heapUsed();
const deduplicator = new Deduplicator(
  {
    identityOf: identityByValues([({ value }) => (value['order'] as JsonObject)['id']]),
    within: DISTINCT,
    late: 'drop',
    maxKeys: DISTINCT,
  },
  operatorContext(),
);
const each = run({ operator: deduplicator, records: DISTINCT, valueAt: payment, sideAt: () => 'main', timeAt: (n) => n });
print(`deduplicate, all distinct      ${each.toFixed(0)} ns a record`);
print(
  `  kept                         ${((heapUsed() - before) / deduplicator.size).toFixed(0)} bytes a key (${deduplicator.size} keys; ${changes} entries of changelogs in all)`,
);
