import type { FieldPath } from '../record/path.ts';
import { ANY, getPath, isNever, type RecordType } from '../sdk/types/index.ts';
import { StepTyping, type Surroundings } from './step-typing.ts';
import { yieldedBy } from './step-yield.ts';
import type { StepNode } from './types.ts';

/** Finds which of a node's steps sets a field that is not there yet at the first of them. Only asked where there is a mistake. */
export function laterSetter(
  steps: readonly StepNode[],
  input: RecordType,
  surroundings: Surroundings,
): (path: FieldPath) => string | undefined {
  return (path) => {
    let here = input;
    for (const [i, step] of steps.entries()) {
      here = yieldedBy(step, new StepTyping(step.options, here, surroundings));
      const { type } = getPath(here, path);
      if (type === ANY || isNever(type)) continue;
      return i === 0 ? 'it is set only further down in this step' : `it is set by the step "${step.id}", which comes later`;
    }
    return undefined;
  };
}
