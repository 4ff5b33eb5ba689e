import { bindOption, defaultScope } from '../../src/expression/index.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { NO_WATERMARK, type PartitionOperator } from '../../src/sdk/operator.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import type { StepDefinition } from '../../src/sdk/step.ts';
import { steps } from '../../src/steps/index.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/**
 * What the steps cost that take the records of a key in the order of event time, alone and in memory, in ns of CPU time for each
 * record: with few keys and many, at once (`wait: 0s`) and after waiting. Compile with `npx tsc -p test/bench`, then run
 * `node dist/test/bench/rule-operators.js` from the project's root.
 */

const RECORDS = 300_000;
const MICRO_BATCH = 50_000;
/** Event time of a record after the one before it, in ms. */
const STEP = 1;
/** How far the watermark stays behind, where records wait. */
const WAIT = 1000;
const BEGIN = Date.UTC(2024, 0, 1);
const NS_PER_US = 1000;

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };
const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

function bindAll(value: unknown): void {
  if (value instanceof CompiledOption) bindOption(value, SCOPE);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) bindAll(inner);
}

interface Run {
  readonly kind: string;
  readonly options: object;
  readonly keys: number;
  readonly inOrder: boolean;
}

function operatorOf({ kind, options, inOrder }: Run, emit: () => void): PartitionOperator {
  const definition = steps.get(kind) as StepDefinition & { state: { create(...of: unknown[]): PartitionOperator } };
  const read = definition.options.parse(options);
  bindAll(read);
  const counters = { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
  const names = { pipeline: 'bench', component: 'bench', id: kind, generation: 0, partition: 0 };
  return definition.state.create(read, { ...names, clock: new VirtualClock(), log: silent, counters, emit, inOrder });
}

function recordsOf(keys: number): StreamRecord[] {
  const builder = new BatchBuilder(['bench']);
  builder.begin(0, 0, BEGIN);
  builder.value('');
  const batch = builder.batch();
  return Array.from({ length: Math.max(keys, 1000) }, (_, i) => {
    const record = new StreamRecord();
    const card = { id: `card-${(i * 7919) % keys}` };
    const text = JSON.stringify({ card, amount: (i * 31) % 1000, status: i % 3, merchant: 'm', country: 'DE' });
    record.moveTo(batch, 0, JSON.parse(text) as JsonObject);
    return record;
  });
}

/** CPU time in ns, collection of garbage included. */
function measure(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) * NS_PER_US;
}

function costOf(run: Run): { process: number; flush: number; emitted: number } {
  let emitted = 0;
  const operator = operatorOf(run, () => {
    emitted += 1;
  });
  const all = recordsOf(run.keys);
  const changes = { put: (): void => {}, remove: (): void => {} };
  const at = { time: 0, watermark: NO_WATERMARK, side: 'main' as const };
  const cost = { process: 0, flush: 0 };
  for (let number = 0; number < RECORDS; ) {
    cost.process += measure(() => {
      for (let i = 0; i < MICRO_BATCH; i += 1, number += 1) {
        at.time = BEGIN + number * STEP;
        operator.process(all[number % all.length] as StreamRecord, at);
        at.watermark = run.inOrder ? at.time - 1 : at.time - WAIT - 1;
        operator.advance(at.watermark);
      }
    });
    cost.flush += measure(() => operator.flush(changes));
    operator.commit();
  }
  return { process: cost.process / RECORDS, flush: cost.flush / RECORDS, emitted };
}

const by = ['card.id'];
const two = { n: 'count()', spent: 'sum(amount)' };
const six = { ...two, usual: 'avg(amount)', deviation: 'stddev(amount)', least: 'min(amount)', most: 'max(amount)' };
const JOBS: readonly (readonly [string, string, object])[] = [
  ['running, count and sum', 'running', { by, compute: two }],
  ['running, six aggregates', 'running', { by, compute: six }],
  ['running, count and sum over 1m', 'running', { by, compute: two, over: '1m' }],
  ['running, six aggregates over 1m', 'running', { by, compute: six, over: '1m' }],
  ['changes', 'changes', { by, of: 'status', previous: 'was' }],
  ['throttle', 'throttle', { by, limit: 10, per: '1s' }],
  ['running, six aggregates before it', 'running', { by, compute: six, include_current: false, expires: '90d' }],
];

for (const keys of [100, 50_000]) {
  for (const inOrder of [true, false]) {
    for (const [name, kind, options] of JOBS) {
      const run = { kind, options, keys, inOrder };
      costOf(run);
      const { process: ns, flush, emitted } = costOf(run);
      const figures = `${ns.toFixed(0)} ns a record, ${flush.toFixed(0)} ns in flush, ${emitted} emitted`;
      process.stdout.write(`${keys} keys, ${inOrder ? 'in order' : 'waiting'}: ${name}: ${figures}\n`);
    }
  }
}
