import { bindOption, defaultScope } from '../../../src/expression/index.ts';
import type { OperatorFactory } from '../../../src/sdk/operator.ts';
import { CompiledOption } from '../../../src/sdk/option.ts';
import { compileAggregation } from '../../../src/stream/aggregate/compile-aggregation.ts';
import { builtInAggregates } from '../../../src/stream/aggregate/functions.ts';
import { AlignedOperator } from '../../../src/stream/window/aligned-operator.ts';
import { FixedWindows } from '../../../src/stream/window/aligned-windows.ts';
import { GroupBy } from '../../../src/stream/window/group-by.ts';
import { COMPUTE } from './aggregate.ts';
import type { Story } from './story.ts';

function bound(language: 'aggregate' | 'expression', text: string): CompiledOption {
  const option = new CompiledOption(language, text);
  const problems = bindOption(option, { ...defaultScope, aggregates: builtInAggregates });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return option;
}

/** The window step of a story, in one or two halves. */
export function windowOf(story: Story): { readonly create: OperatorFactory; readonly partial?: OperatorFactory } {
  return { create: factoryOf(story) };
}

function factoryOf({ window, keep, emit }: Story): OperatorFactory {
  const aggregation = compileAggregation(Object.fromEntries(Object.entries(COMPUTE).map(([k, v]) => [k, bound('aggregate', v)])));
  const groupBy = new GroupBy([{ path: ['k'], evaluate: bound('expression', 'k').evaluate }]);
  const settings = { groupBy, aggregation, keep, emit, late: 'drop', maxGroups: 100_000 } as const;
  if (window.kind === 'tumbling')
    return (c) => new AlignedOperator(new FixedWindows(window.size, window.size, window.offset), settings, c);
  if (window.kind === 'hopping')
    return (c) => new AlignedOperator(new FixedWindows(window.size, window.every, window.offset), settings, c);
  throw new Error('later');
}
