import { isAsync } from '../sdk/async-step.ts';
import { isStateful } from '../sdk/operator.ts';
import { isProcessor } from '../sdk/processor.ts';
import type { StepDefinition } from '../sdk/step.ts';
import type { Diagnostics } from './diagnostic.ts';
import type { Span } from './source-text.ts';
import { quoted } from './yaml-quoting.ts';

export type StepsOwner = 'source' | 'stream' | 'sink';

interface PlacedStep {
  readonly definition: StepDefinition;
  readonly id: { readonly at: Span };
  readonly kindAt: Span;
  readonly whenAt: Span | undefined;
}

/** Reports steps that stand where they cannot: only streams have event time and state, and records that wait in order. */
export function checkPlaces(steps: readonly PlacedStep[], owner: StepsOwner, diagnostics: Diagnostics): void {
  if (owner !== 'stream') {
    for (const { definition, kindAt } of steps) {
      if (!isStateful(definition) && !isAsync(definition) && !isProcessor(definition)) continue;
      diagnostics.error('GRAPH_STEP_NEEDS_STREAM', kindAt, { kind: quoted(definition.kind), owner });
    }
    return;
  }
  const processor = steps.find(({ definition }) => isProcessor(definition));
  for (const { definition, kindAt } of processor === undefined ? [] : steps) {
    if (definition === processor?.definition && kindAt === processor.kindAt) continue;
    if (!isStateful(definition) && !isProcessor(definition)) continue;
    const kinds = { kind: quoted(definition.kind), processor: quoted(processor?.definition.kind ?? '') };
    diagnostics.error('GRAPH_PROCESSOR_NOT_ALONE', kindAt, kinds);
  }
  for (const { definition, whenAt } of steps) {
    if (whenAt !== undefined && isStateful(definition) && !isProcessor(definition))
      diagnostics.error('CONFIG_WHEN_WITH_STATE', whenAt, { kind: quoted(definition.kind) });
  }
  const last = steps.findLastIndex(({ definition }) => isStateful(definition));
  const first = steps.findIndex(({ definition }) => isStateful(definition));
  for (const { definition, kindAt } of first < 0 ? [] : steps.slice(first, last)) {
    if (isAsync(definition)) diagnostics.error('GRAPH_WAITING_BETWEEN', kindAt, { kind: quoted(definition.kind) });
  }
}
