import type { z } from 'zod';
import { mistakenAggregates } from '../../expression/index.ts';
import { type FieldPath, parsePath } from '../../record/path.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import type { CompiledOption } from '../../sdk/option.ts';
import { aggregateExpression } from '../../sdk/schema.ts';
import type { OptionProblem } from '../../sdk/step.ts';
import { compileAggregation } from '../../stream/aggregate/compile-aggregation.ts';
import { builtInAggregates } from '../../stream/aggregate/functions.ts';
import { fieldMapping } from '../field-mapping.ts';

/** What is computed for each group: name -> expression over aggregates. */
export const compute = fieldMapping(aggregateExpression()) satisfies z.ZodType;

export type Compute = z.output<typeof compute>;

export function computedPaths(given: Compute): readonly FieldPath[] {
  return Object.keys(given).map((name) => parsePath(name) ?? [name]);
}

/** What is wrong with an expression over the result: aggregates in it, which belong in `compute`. */
export function checkHaving(having: CompiledOption | undefined): readonly OptionProblem[] {
  return mistakenAggregates(having?.text ?? '', builtInAggregates).map((found) => ({ ...found, path: ['having'] }));
}

export { checkComputation } from '../../stream/aggregate/check-computation.ts';

export function aggregationOf(given: Compute): Aggregation {
  return compileAggregation(given);
}
