import type { AggregateFunction } from './aggregate-function.ts';
import { orderFunctions } from './by-order.ts';
import { timeFunctions } from './by-time.ts';
import { collectFunctions } from './collect.ts';
import { countFunctions } from './count.ts';
import { distinctFunctions } from './distinct.ts';
import { extremeFunctions } from './extremes.ts';
import { momentFunctions } from './moments.ts';
import { quantileFunctions } from './quantiles.ts';
import { sumFunctions } from './sum.ts';
import { topFunctions } from './top.ts';

/** All aggregates, in the order of the reference. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...countFunctions,
  ...sumFunctions,
  ...extremeFunctions,
  ...momentFunctions,
  ...timeFunctions,
  ...orderFunctions,
  ...distinctFunctions,
  ...quantileFunctions,
  ...topFunctions,
  ...collectFunctions,
];

/** The aggregates by name. */
export const builtInAggregates: ReadonlyMap<string, AggregateFunction> = new Map(
  aggregateFunctions.map((definition) => [definition.name, definition] as const),
);
