// Runs a pipeline with a processor of the tests: `processor-run.mjs <pipeline file> -s setting=value ...`.
import { from, map, mergeMap } from 'rxjs';
import { z } from 'zod';
import { environment, kafkaFor, loadSettingsOf, loggerFor, registry } from '../../dist/src/cli/context.js';
import { stopSignal } from '../../dist/src/cli/stop-signal.js';
import { loadPipeline } from '../../dist/src/config/index.js';
import { defineProcessor } from '../../dist/src/published-sdk.js';
import { Engine } from '../../dist/src/runtime/engine.js';
import { faultAt, noFaults } from '../../dist/src/runtime/fault-points.js';
import { Instance } from '../../dist/src/runtime/instance.js';
import { systemClock } from '../../dist/src/sdk/clock.js';

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

const [file, ...args] = process.argv.slice(2);
const settings = loadSettingsOf({ set: args.filter((_, i) => args[i - 1] === '-s') });
const log = loggerFor(settings);
const steps = new Map(registry.steps);
for (const step of [numberEach, keyBy, continuous]) steps.set(step.kind, step);
const loaded = loadPipeline(file, { ...registry, steps }, environment);
if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
const crashAt = process.env.MILLRACE_TEST_CRASH_AT;
const pass = crashAt === undefined ? noFaults : faultAt(crashAt);
const instance = Instance.acquire(settings.dataDirectory);
const kafka = kafkaFor(settings, log);
const once = args.includes('--once');
const parts = {
  pipelines: [loaded.pipeline],
  settings,
  kafka,
  instance,
  once,
  clock: systemClock,
  random: Math.random,
  log,
  pass,
};
const good = await new Engine(parts).run(stopSignal(log, { worker: false }));
instance.release();
process.exitCode = good ? 0 : 3;
