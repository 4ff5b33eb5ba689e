import { bindOption, defaultScope } from '../../src/expression/index.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { NO_WATERMARK, type OperatorContext, type PartitionOperator } from '../../src/sdk/operator.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import { window } from '../../src/steps/window.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/**
 * What the window operators cost, alone and in memory, in ns of CPU time; and what a group in an open window takes. Compile it with
 * `npx tsc -p test/bench`, then run it with `node --expose-gc` from the project's root.
 */

const KEYS = 50_000;
const RECORDS = 2_000_000;
const MICRO_BATCH = 50_000;
/** Event time of a record after the one before it, in ms: windows of 10 s have 200,000 records each. */
const STEP = 0.05;
const BEGIN = Date.UTC(2024, 0, 1);
const OPEN_ENTRIES = 1_000_000;
const NS_PER_US = 1000;

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };
const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

function bindAll(value: unknown): void {
  if (value instanceof CompiledOption) bindOption(value, SCOPE);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) bindAll(inner);
}

function operatorOf(options: object, emit: OperatorContext['emit']): PartitionOperator {
  const read = window.options.parse(options);
  bindAll(read);
  const counters = { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
  const names = { pipeline: 'bench', component: 'bench', id: 'window-1', generation: 0, partition: 0 };
  return window.state.create(read, { ...names, clock: new VirtualClock(), log: silent, counters, emit });
}

/** CPU time in ns, collection of garbage included. */
function measure(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) * NS_PER_US;
}

function records(): StreamRecord[] {
  const builder = new BatchBuilder(['bench']);
  builder.begin(0, 0, BEGIN);
  builder.value('');
  const batch = builder.batch();
  return Array.from({ length: KEYS }, (_, i) => {
    const record = new StreamRecord();
    const text = JSON.stringify({ user: { id: `user-${(i * 7919) % KEYS}` }, bytes: i % 1000 });
    record.moveTo(batch, 0, JSON.parse(text) as JsonObject);
    return record;
  });
}

interface Costs {
  processNs: number;
  flushNs: number;
  closeNs: number;
  results: number;
}

function run(options: object, all: readonly StreamRecord[]): Costs {
  const costs: Costs = { processNs: 0, flushNs: 0, closeNs: 0, results: 0 };
  const operator = operatorOf(options, () => {
    costs.results += 1;
  });
  const changes = { put: (): void => {}, remove: (): void => {} };
  const at = { time: 0, watermark: NO_WATERMARK, side: 'main' as const };
  let number = 0;
  while (number < RECORDS) {
    costs.processNs += measure(() => {
      for (let i = 0; i < MICRO_BATCH; i += 1, number += 1) {
        at.time = Math.floor(BEGIN + number * STEP);
        operator.process(all[number % KEYS] as StreamRecord, at);
      }
    });
    costs.closeNs += measure(() => operator.advance(at.time - 1));
    at.watermark = at.time - 1;
    costs.flushNs += measure(() => operator.flush(changes));
    operator.commit();
  }
  costs.closeNs += measure(() => operator.advance(at.time + 100_000_000));
  return costs;
}

function report(name: string, options: object, all: readonly StreamRecord[]): void {
  run(options, all);
  const { processNs, flushNs, closeNs, results } = run(options, all);
  const perRecord = processNs / RECORDS;
  const line = [
    `${perRecord.toFixed(0)} ns a record in process (${Math.round(1e9 / perRecord)} records/s)`,
    `${(flushNs / RECORDS).toFixed(0)} ns a record in flush`,
    `${(closeNs / results).toFixed(0)} ns a result (${results} results)`,
  ];
  process.stdout.write(`${name}: ${line.join(', ')}\n`);
}

function heap(): number {
  for (let i = 0; i < 3; i += 1) (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

/** Bytes that an entry takes when it is committed, its key included. */
function reportMemory(name: string, options: object): void {
  const [record] = records();
  if (record === undefined) return;
  const operator = operatorOf(options, () => {});
  const at = { time: BEGIN, watermark: NO_WATERMARK, side: 'main' as const };
  const before = heap();
  for (let i = 0; i < OPEN_ENTRIES; i += 1) {
    record.value = JSON.parse(`{"user":{"id":"user-${i}"},"bytes":${i}}`) as JsonObject;
    operator.process(record, at);
    if (i % MICRO_BATCH === 0) {
      operator.flush({ put: (): void => {}, remove: (): void => {} });
      operator.commit();
    }
  }
  operator.flush({ put: (): void => {}, remove: (): void => {} });
  operator.commit();
  const bytes = (heap() - before) / operator.size;
  process.stdout.write(`${name}: ${bytes.toFixed(0)} bytes for each of ${operator.size} groups in an open window\n`);
}

const by = ['user.id'];
const compute = { n: 'count()', bytes: 'sum(bytes)' };
const all = records();
report('tumbling 10 s', { tumbling: '10s', by, compute }, all);
report('tumbling 10 s by two values', { tumbling: '10s', by: ['user.id', 'bytes'], compute }, all);
report('hopping 10 s every 5 s', { hopping: { size: '10s', every: '5s' }, by, compute }, all);
report('calendar hours', { calendar: { unit: 'hour', zone: 'Europe/Berlin' }, by, compute }, all);
report('sessions, gap 1 s', { session: '1s', by, compute }, all);
reportMemory('tumbling', { tumbling: '10s', by, compute });
reportMemory('tumbling, count alone', { tumbling: '10s', by, compute: { n: 'count()' } });
reportMemory('sessions', { session: '1s', by, compute });
reportMemory('sliding', { sliding: '1s', by, compute });
