import type { StageElement } from './stages.ts';

export type OperatorElement = Extract<StageElement, { kind: 'operator' }>;
export type PlainElement = Exclude<StageElement, OperatorElement>;

/** A stage's elements around the steps that wait: what is done before event time matters, the rest, and what is done behind it. */
export interface Arrangement {
  /** Up to the last step that waits before a step with state; empty where none does. */
  readonly prefix: readonly PlainElement[];
  readonly middle: readonly Exclude<StageElement, { kind: 'async' }>[];
  /** From the first step that waits behind the last step with state. */
  readonly suffix: readonly PlainElement[];
}

/** Steps that wait stand before the first step with state or behind the last: between two of them they are refused when a file is loaded. */
export function arrange(elements: readonly StageElement[]): Arrangement {
  const firstOperator = elements.findIndex(({ kind }) => kind === 'operator');
  const border = firstOperator < 0 ? elements.length : firstOperator;
  const prefixEnd = elements.findLastIndex(({ kind }, i) => kind === 'async' && i < border) + 1;
  const lastOperator = elements.findLastIndex(({ kind }) => kind === 'operator');
  const firstWaiting = elements.findIndex(({ kind }, i) => kind === 'async' && i > lastOperator && lastOperator >= 0);
  const suffixStart = firstWaiting < 0 ? elements.length : firstWaiting;
  return {
    prefix: elements.slice(0, prefixEnd) as PlainElement[],
    middle: elements.slice(prefixEnd, suffixStart) as Arrangement['middle'],
    suffix: elements.slice(suffixStart) as PlainElement[],
  };
}
