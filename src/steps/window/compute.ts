import type { z } from 'zod';
import { type FieldPath, parsePath } from '../../record/path.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import { aggregateExpression } from '../../sdk/schema.ts';
import { compileAggregation } from '../../stream/aggregate/compile-aggregation.ts';
import { fieldMapping } from '../field-mapping.ts';

/** What is computed for each group: name -> expression over aggregates. */
export const compute = fieldMapping(aggregateExpression()) satisfies z.ZodType;

export type Compute = z.output<typeof compute>;

export function computedPaths(given: Compute): readonly FieldPath[] {
  return Object.keys(given).map((name) => parsePath(name) ?? [name]);
}

export { checkComputation } from '../../stream/aggregate/check-computation.ts';

export function aggregationOf(given: Compute): Aggregation {
  return compileAggregation(given);
}
