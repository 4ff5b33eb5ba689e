import { MillraceError } from '../errors/index.ts';
import type { ProgramFailure } from '../stream/program.ts';

/** The error that stops a task when a record fails in a step whose `on_error` is `fail`: it says which record and why. */
export function recordFailed(component: string, { rejection, batch, row }: ProgramFailure): MillraceError {
  return new MillraceError('RECORD_FAILED', {
    component,
    step: rejection.step ?? '(decoding)',
    topic: batch.topic(row),
    partition: batch.partition(row),
    offset: batch.offset(row),
    reason: rejection.message,
  });
}
