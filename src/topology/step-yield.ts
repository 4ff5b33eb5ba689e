import { isProcessor } from '../sdk/processor.ts';
import { ANY, type RecordType, union } from '../sdk/types/index.ts';
import type { StepTyping } from './step-typing.ts';
import type { StepNode } from './types.ts';

/** What is known behind a step, with or without its `when`. */
export function yieldedBy({ definition, options, when }: StepNode, typing: StepTyping): RecordType {
  const yielded = saidBy({ definition, options }, typing) ?? (keepsValue(definition) ? typing.input : ANY);
  return when === undefined ? yielded : union(yielded, typing.input);
}

/** A plugin that fails here says nothing; that it fails is said. */
function saidBy({ definition, options }: Pick<StepNode, 'definition' | 'options'>, typing: StepTyping): RecordType | undefined {
  try {
    return definition.yields?.(options, typing);
  } catch (error) {
    typing.failed(definition.kind, error);
    return ANY;
  }
}

function keepsValue(definition: StepNode['definition']): boolean {
  return !definition.changesValue && !isProcessor(definition);
}
