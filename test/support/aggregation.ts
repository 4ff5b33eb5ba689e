import { bindOption, defaultScope } from '../../src/expression/index.ts';
import type { Aggregation } from '../../src/sdk/aggregation.ts';
import { CompiledOption } from '../../src/sdk/option.ts';
import { compileAggregation } from '../../src/stream/aggregate/compile-aggregation.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };

/** A bound expression over aggregates. */
export function aggregateOption(text: string): CompiledOption {
  const option = new CompiledOption('aggregate', text);
  const [problem] = bindOption(option, SCOPE);
  if (problem !== undefined) throw new Error(`${text}: ${problem.message}`);
  return option;
}

/** The aggregation of a `compute`, as a pipeline file writes it. */
export function aggregationOf(compute: Readonly<Record<string, string>>): Aggregation {
  return compileAggregation(Object.fromEntries(Object.entries(compute).map(([name, text]) => [name, aggregateOption(text)])));
}
