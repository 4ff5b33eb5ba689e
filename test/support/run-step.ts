import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import type { StepContext, StepDefinition, StepOutcome } from '../../src/sdk/step.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { RecordingLog } from './tasks.ts';

/** Makes a record for a test, with `at` as its Kafka timestamp. */
export function recordOf(value: JsonObject, at = -1): StreamRecord {
  const builder = new BatchBuilder(['in']);
  builder.begin(0, 0, at);
  builder.value('');
  const record = new StreamRecord();
  record.moveTo(builder.batch(), 0, value);
  return record;
}

/** What a step is created with, in a task of the name `test`. */
export function stepContext(id: string, more: Partial<StepContext> = {}): StepContext {
  return { component: 'test', id, clock: new VirtualClock(), log: new RecordingLog(), metrics: noMetrics, ...more };
}

/** The outcome of a step on one value, and the value afterwards as it would be written. */
export interface StepResult {
  readonly outcome: StepOutcome | undefined;
  readonly value: unknown;
}

/** Runs one step, whose options are as in a pipeline file, on one value. `bind` compiles what the options leave open. */
export function runStep<Options>(
  definition: StepDefinition<Options>,
  options: unknown,
  value: JsonObject,
  { at = -1, bind = (): void => {} }: { at?: number; bind?: (option: CompiledOption) => void } = {},
): StepResult {
  const read = definition.options.parse(options);
  bindAll(read, bind);
  const step = definition.create(read, stepContext(definition.kind));
  const record = recordOf(value, at);
  const outcome = step(record);
  return { outcome, value: JSON.parse(JSON.stringify(record.value)) };
}

/** Calls `bind` for all that is to be compiled in validated options. */
export function bindAll(options: unknown, bind: (option: CompiledOption) => void): void {
  if (options instanceof CompiledOption) bind(options);
  else if (typeof options === 'object' && options !== null) for (const inner of Object.values(options)) bindAll(inner, bind);
}
