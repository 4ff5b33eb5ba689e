// Runs a pipeline with a processor of the tests: `processor-run.mjs <pipeline file> -s setting=value ...`.
import { bufferTime, filter, from, map, mergeMap, toArray, windowTime } from 'rxjs';
import { z } from 'zod';
import { environment, loadSettingsOf, registry } from '../../dist/src/cli/context.js';
import { runPipelines } from '../../dist/src/cli/run.js';
import { loadPipeline } from '../../dist/src/config/index.js';
import { defineProcessor } from '../../dist/src/published-sdk.js';

/** Numbers the records of each key, with something to wait for in between, and tells of each hundredth by a timer. */
const numberEach = defineProcessor({
  kind: 'number-each',
  summary: 'Numbers the records of each key.',
  options: z.strictObject({ waits: z.boolean().describe('Whether something is waited for.') }),
  setup: ({ waits }, { state, timers, record }) => {
    const numbers = state.value('number');
    const number = (each) => {
      const next = (numbers.get(each.key) ?? 0) + 1;
      numbers.set(each.key, next);
      if (next % 100 === 0) timers.at(each.key, each.time, `at ${next}`);
      return each.with({ value: { ...each.value, number: next } });
    };
    return {
      process: (records) =>
        waits
          ? records.pipe(
              mergeMap((each) => from(Promise.resolve().then(() => each)), 8),
              map(number),
            )
          : records.pipe(map(number)),
      onTimer: ({ key, name, time }) => [record({ key, time, value: { timer: name } })],
    };
  },
});

/** Gives each record the key that is in its value. */
const keyBy = defineProcessor({
  kind: 'key-by',
  summary: 'Sets the Kafka key.',
  options: z.strictObject({}),
  setup: () => map((record) => record.with({ key: record.value.key })),
});

/** Lets records go on, across micro-batches. */
const continuous = defineProcessor({
  kind: 'pass',
  summary: 'Lets records go on.',
  options: z.strictObject({}),
  continuous: { hold: '2s' },
  setup: () => map((record) => record),
});

const GATHER_MS = 300;
const gathering = {
  bufferTime: bufferTime(GATHER_MS),
  windowTime: (records) =>
    records.pipe(
      windowTime(GATHER_MS),
      mergeMap((within) => within.pipe(toArray())),
    ),
};

/** Gathers what comes within a time, with the moment at which each record came. */
const gather = defineProcessor({
  kind: 'gather',
  summary: 'Puts records together by time.',
  options: z.strictObject({ by: z.enum(['bufferTime', 'windowTime']).describe('The operator of RxJS.') }),
  main: 'by',
  continuous: { hold: '2s' },
  setup:
    ({ by }) =>
    (records) =>
      records.pipe(
        map((record) => ({ record, seen: [record.value.n, Date.now()] })),
        gathering[by],
        filter((all) => all.length > 0),
        map((all) => all[0].record.with({ value: { all: all.map(({ seen }) => seen) } })),
      ),
});

const [file, ...args] = process.argv.slice(2);
const steps = new Map(registry.steps);
for (const step of [numberEach, keyBy, continuous, gather]) steps.set(step.kind, step);
const loaded = loadPipeline(file, { ...registry, steps }, environment);
if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
const after = (option) => args.filter((_, i) => args[i - 1] === option);
const settings = loadSettingsOf({ set: after('-s'), profile: after('--profile')[0] });
process.exitCode = await runPipelines([loaded.pipeline], settings, { once: args.includes('--once'), worker: false });
