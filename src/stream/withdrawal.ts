import { Column, type RecordBatch } from '../record/batch.ts';
import { headerText } from '../record/headers.ts';
import { RESULT_ID } from '../record/result-header.ts';
import type { Emitter, ProgramStep } from './program.ts';

/** Whether a record takes back the result of a window or a join: it has the result's id, and no value. */
export function isWithdrawal(batch: RecordBatch, row: number): boolean {
  return batch.column(row, Column.valueLength) < 0 && headerText(batch.headersBytes(row), RESULT_ID) !== undefined;
}

/**
 * Passes a withdrawal on, wherever its result may have got: there is no value for the steps to look at. (What steps with state have
 * made of the result they cannot take back: there it ends.)
 */
export function passWithdrawal(
  batch: RecordBatch,
  row: number,
  { steps, emitter }: { readonly steps: readonly ProgramStep[]; readonly emitter: Emitter },
): void {
  const routes = new Set(steps.flatMap(({ definition, options }) => definition.topics?.(options) ?? []));
  for (const topic of routes) emitter.route(topic, batch, row, undefined);
  if (!routesAll(steps.at(-1))) emitter.forward(batch, row, undefined);
}

/** Whether nothing goes on behind the step. */
function routesAll(step: ProgramStep | undefined): boolean {
  if (step?.definition.topics === undefined || step.when !== undefined) return false;
  return step.definition.routesAll?.(step.options) ?? true;
}
