import { isProcessor } from '../sdk/processor.ts';
import { ANY, type RecordType, union } from '../sdk/types/index.ts';
import type { StepTyping } from './step-typing.ts';
import type { StepNode } from './types.ts';

/** What is known behind a step, with or without its `when`. */
export function yieldedBy({ definition, options, when }: StepNode, typing: StepTyping): RecordType {
  const yielded = definition.yields?.(options, typing) ?? (keepsValue(definition) ? typing.input : ANY);
  return when === undefined ? yielded : union(yielded, typing.input);
}

function keepsValue(definition: StepNode['definition']): boolean {
  return !definition.changesValue && !isProcessor(definition);
}
