import { bindOption, defaultScope } from '../../src/expression/index.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { NO_WATERMARK, type OperatorContext } from '../../src/sdk/operator.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import { pattern } from '../../src/steps/pattern.ts';
import { inputsOf } from './stream-jobs.ts';

/**
 * What the operator of a pattern costs alone, without Kafka and JSON.parse: `node dist/test/bench/pattern-operator.js`. In turn with
 * records that come in order, and with such as wait for the watermark; a micro-batch ends after each 10,000.
 */

const RECORDS = 1_000_000;
const KEYS = 50_000;
const PER_BATCH = 10_000;
const WAIT_MS = 1_000;

const OPTIONS = {
  by: ['$key'],
  within: '1m',
  skip: 'past_last_event',
  sequence: [
    { begin: 'first', where: 'amount < 2' },
    { followed_by: 'second', where: 'amount < 2' },
    { followed_by: 'large', where: 'amount > 500 * second.amount' },
  ],
  compute: { amount: 'large.amount' },
};

function bindAll(value: unknown): void {
  if (value instanceof CompiledOption) bindOption(value, defaultScope);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) bindAll(inner);
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function run(inOrder: boolean, values: readonly JsonObject[]): void {
  const options = pattern.options.parse(OPTIONS);
  bindAll(options);
  let found = 0;
  const context: OperatorContext = {
    ...{ pipeline: 'bench', component: 'work', id: 'pattern-1', partition: 0, generation: 0, inOrder },
    ...{ clock: systemClock, log: silent },
    counters: { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 },
    emit: () => {
      found += 1;
    },
  };
  const operator = pattern.state.create(options, context);
  let written = 0;
  const changes = {
    put: (key: string, value: string) => {
      written += key.length + value.length;
    },
    remove: () => {},
  };
  const record = new StreamRecord();
  const at = { time: 0, watermark: NO_WATERMARK, side: 'main' as const };
  let latest = NO_WATERMARK;
  let processing = 0;
  let flushing = 0;
  for (let first = 0; first < values.length; first += PER_BATCH) {
    const keys = new BatchBuilder(['in']);
    for (let n = first; n < first + PER_BATCH; n += 1) {
      keys.begin(0, 0, 0);
      keys.key(((values[n] as JsonObject)['card'] as JsonObject)['id'] as string);
      keys.value('');
    }
    const batch = keys.batch();
    const begun = process.hrtime.bigint();
    for (let row = 0; row < PER_BATCH; row += 1) {
      const value = values[first + row] as JsonObject;
      record.moveTo(batch, row, value);
      at.time = value['time'] as number;
      if (!inOrder || at.time > at.watermark) operator.process(record, at);
      latest = Math.max(latest, at.time);
      at.watermark = latest - (inOrder ? 0 : WAIT_MS) - 1;
      operator.advance(at.watermark);
    }
    const done = process.hrtime.bigint();
    operator.flush(changes);
    operator.commit();
    processing += Number(done - begun);
    flushing += Number(process.hrtime.bigint() - done);
  }
  const each = (ns: number): string => (ns / values.length).toFixed(0);
  process.stdout.write(
    `${inOrder ? 'in order' : 'waiting '}: ${each(processing)} ns a record in process, ${each(flushing)} ns in flush, ${(written / values.length).toFixed(0)} bytes a record written, ${found} matches, ${operator.size} entries held\n`,
  );
}

const [make] = inputsOf('g', KEYS);
const texts = Array.from({ length: RECORDS }, (_, n) => make?.(n).value ?? '');
for (let round = 0; round < 3; round += 1) {
  for (const inOrder of [true, false]) {
    const values = texts.map((text) => {
      const value = JSON.parse(text) as JsonObject;
      value['time'] = Date.parse(value['@timestamp'] as string);
      return value;
    });
    run(inOrder, values);
  }
}
