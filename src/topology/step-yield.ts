import { isProcessor } from '../sdk/processor.ts';
import { ANY, type RecordType, union } from '../sdk/types/index.ts';
import { StepTyping, type Surroundings, sinceAsked } from './step-typing.ts';
import type { StepNode } from './types.ts';

/** What is known at a step. */
export interface StepPassage {
  /** The step's options with what is known of the records that it takes: those that meet its `when`. */
  readonly typing: StepTyping;
  /** Behind it. */
  readonly yielded: RecordType;
}

/** Leads records through a step. Those that do not meet its `when` go past it. */
export function passStep(step: StepNode, input: RecordType, surroundings: Record<'when' | 'options', Surroundings>): StepPassage {
  const { when, options } = step;
  const asked = when === undefined ? undefined : new StepTyping(when, input, surroundings.when).condition(when);
  const { scope } = surroundings.options;
  const narrowed = asked === undefined ? scope : { ...scope, since: sinceAsked(input, 'by its `when`', scope.since) };
  const typing = new StepTyping(options, asked?.met ?? input, { ...surroundings.options, scope: narrowed });
  const yielded = yieldedBy(step, typing);
  if (asked === undefined || asked.always) return { typing, yielded };
  return { typing, yielded: asked.never ? asked.unmet : union(yielded, asked.unmet) };
}

function yieldedBy({ definition, options }: StepNode, typing: StepTyping): RecordType {
  return saidBy({ definition, options }, typing) ?? (keepsValue(definition) ? typing.input : ANY);
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
