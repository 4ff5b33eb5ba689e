import { plainCopy } from '../record/json-copy.ts';
import type { StreamRecord } from '../record/record.ts';
import type { AsyncRecordStep, AsyncStepDefinition } from '../sdk/async-step.ts';
import type { Clock } from '../sdk/clock.ts';
import { parseDuration } from '../sdk/schema.ts';
import type { StepOutcome } from '../sdk/step.ts';
import { OutcomeCheck } from './contain-step.ts';
import type { Plugin } from './plugin.ts';
import { TOO_LONG, withinTime } from './time-limit.ts';

const TIMEOUT = '30s';
const MS_PER_S = 1_000;

/** A step of a plugin that waits: what fails with many records is tried with each of them, so that only the bad ones are rejected. */
export function containAsyncStep(definition: AsyncStepDefinition, plugin: Plugin): AsyncStepDefinition {
  const ms = parseDuration(definition.timeout ?? TIMEOUT) ?? 30_000;
  return {
    ...definition,
    createAsync(options, context) {
      const step = plugin.run(() => definition.createAsync(options, context));
      return new ContainedAsyncStep(step, {
        plugin,
        ms,
        clock: context.clock,
        check: new OutcomeCheck(definition, options, plugin),
      });
    },
  };
}

interface Containing {
  readonly plugin: Plugin;
  readonly ms: number;
  readonly clock: Clock;
  readonly check: OutcomeCheck;
}

/** What was thrown may be `undefined`. */
type Tried =
  | { readonly failed: false; readonly outcomes: readonly (StepOutcome | undefined)[] }
  | { readonly failed: true; readonly error: unknown };

class ContainedAsyncStep implements AsyncRecordStep {
  readonly #step: AsyncRecordStep;
  readonly #by: Containing;

  constructor(step: AsyncRecordStep, by: Containing) {
    this.#step = step;
    this.#by = by;
  }

  async process(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly (StepOutcome | undefined)[]> {
    const values = records.map(({ value }) => plainCopy(value));
    const together = await this.#tried(records, signal);
    if (!together.failed) return together.outcomes;
    if (records.length === 1) return [this.#by.check.refusal(together.error)];
    const outcomes: (StepOutcome | undefined)[] = [];
    for (const [i, record] of records.entries()) {
      record.value = values[i] as StreamRecord['value'];
      const alone = await this.#tried([record], signal);
      outcomes.push(alone.failed ? this.#by.check.refusal(alone.error) : alone.outcomes[0]);
    }
    return outcomes;
  }

  async #tried(records: readonly StreamRecord[], signal: AbortSignal): Promise<Tried> {
    const { plugin, ms, clock, check } = this.#by;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      const work = Promise.resolve(plugin.run(() => this.#step.process(records, both)));
      const outcomes = await withinTime(work, { ms, clock, signal });
      if (outcomes === TOO_LONG) {
        stop.abort(new Error('it has taken too long'));
        throw plugin.fault('PLUGIN_TOO_LONG', { what: 'the step', seconds: ms / MS_PER_S });
      }
      if (!Array.isArray(outcomes) || outcomes.length !== records.length) {
        throw plugin.fault('PLUGIN_OUTPUT', {
          reason: `the step must give a list with an outcome for each of ${records.length} records`,
        });
      }
      return {
        failed: false,
        outcomes: records.map((record, i) => check.checked(record, outcomes[i] as StepOutcome | undefined)),
      };
    } catch (error) {
      signal.throwIfAborted();
      return { failed: true, error };
    }
  }
}
