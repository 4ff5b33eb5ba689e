import type { AggregateFunction } from './aggregate-function.ts';
import { countFunctions } from './count.ts';
import { extremeFunctions } from './extremes.ts';
import { sumFunctions } from './sum.ts';

/** All aggregates, in the order of the reference. */
export const aggregateFunctions: readonly AggregateFunction[] = [...countFunctions, ...sumFunctions, ...extremeFunctions];

/** The aggregates by name. */
export const builtInAggregates: ReadonlyMap<string, AggregateFunction> = new Map(
  aggregateFunctions.map((definition) => [definition.name, definition] as const),
);
