import { bindOption, defaultScope } from '../../../src/expression/index.ts';
import type { OperatorFactory } from '../../../src/sdk/operator.ts';
import { CompiledOption } from '../../../src/sdk/option.ts';
import { window as windowStep } from '../../../src/steps/window.ts';
import { builtInAggregates } from '../../../src/stream/aggregate/functions.ts';
import { COMPUTE } from './aggregate.ts';
import type { Story } from './story.ts';
import type { WindowKind } from './windows.ts';

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };

/** A step in one or two halves, of which the first runs before the records are brought together. */
export interface Halves {
  readonly create: OperatorFactory;
  readonly partial?: OperatorFactory;
}

/** A `window` step with its options as a pipeline file has them. */
export function windowFrom(options: unknown, { preaggregated = false }: { preaggregated?: boolean } = {}): Halves {
  const read = windowStep.options.parse(options);
  bindAll(read);
  if (!preaggregated) return { create: (context) => windowStep.state.create(read, context) };
  const halves = windowStep.state.preaggregate?.(read);
  if (halves === undefined) throw new Error(`this step has no halves: ${JSON.stringify(options)}`);
  return { create: halves.final, partial: halves.partial };
}

/** The window step of a story. */
export function windowOf({ window, keep, emit, shuffle }: Story): Halves {
  const options = { ...kindOptions(window), by: ['k'], compute: COMPUTE, keep: `${keep}ms`, emit };
  return windowFrom(options, { preaggregated: shuffle?.preaggregate === true });
}

function kindOptions(window: WindowKind): Record<string, unknown> {
  switch (window.kind) {
    case 'tumbling':
      return { tumbling: { size: `${window.size}ms`, offset: `${window.offset}ms` } };
    case 'hopping':
      return { hopping: { size: `${window.size}ms`, every: `${window.every}ms`, offset: `${window.offset}ms` } };
    case 'calendar':
      return { calendar: { unit: window.unit, zone: window.zone } };
    case 'session':
      return { session: `${window.gap}ms` };
    case 'sliding':
      return { sliding: `${window.size}ms` };
  }
}

function bindAll(options: unknown): void {
  if (options instanceof CompiledOption) {
    const problems = bindOption(options, SCOPE);
    if (problems.length > 0) throw new Error(`${options.text}: ${problems[0]?.message}`);
  } else if (typeof options === 'object' && options !== null) for (const inner of Object.values(options)) bindAll(inner);
}
