import type { z } from 'zod';
import type { StreamRecord } from '../record/record.ts';
import { assertDefined, functionProblem, keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { StepContext, StepDefinition, StepOutcome } from './step.ts';

/** A step at work on whole micro-batches, because what it needs comes from elsewhere: a server, a database. */
export interface AsyncRecordStep {
  /**
   * Processes the records of a micro-batch, of which each is an object of its own and may be changed in place until the promise
   * settles. Gives what becomes of each, in their order; `undefined`: it goes on to the next step. It must not reject for bad data
   * or an unreachable server, and rejects with the signal's reason, with nothing left at work, once that is aborted. Called for one
   * micro-batch at a time.
   */
  process(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly (StepOutcome | undefined)[]>;
}

/** A kind of step that waits. Its `create` of a synchronous step is never called. */
export interface AsyncStepDefinition<Options = unknown> extends StepDefinition<Options> {
  /** In a plugin: for how long a call may take before its records are given up, such as `30s`, the default. */
  readonly timeout?: string;
  createAsync(options: Options, context: StepContext): AsyncRecordStep;
}

/** Types the definition of a step that waits by its schema. */
export function defineAsyncStep<Options>(
  definition: Omit<AsyncStepDefinition<Options>, 'create' | 'options'> & { readonly options: z.ZodType<Options> },
): AsyncStepDefinition<Options> {
  const { kind, summary, options, createAsync } = definition;
  assertDefined('step', kind, [
    ['kind', keyProblem(kind)],
    ['summary', textProblem(summary)],
    ['options', schemaProblem(options)],
    ['createAsync', functionProblem(createAsync)],
  ]);
  return marked('step', {
    ...definition,
    create() {
      throw new Error(`the step ${definition.kind} waits for answers and is not created as one that does not`);
    },
  });
}

export function isAsync(definition: StepDefinition): definition is AsyncStepDefinition {
  return 'createAsync' in definition;
}
