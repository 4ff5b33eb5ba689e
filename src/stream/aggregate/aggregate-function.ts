import type { JsonValue } from '../../record/json.ts';
import type { AggregateSignature } from '../../sdk/aggregate-function.ts';
import type { Accumulator } from './accumulator.ts';

/** An aggregate: the only place where its signature, its documentation and its meaning exist. */
export interface AggregateFunction<State = unknown> extends AggregateSignature {
  /** What `text` gives over records whose `x` (or `x` and `y`) have these values, at one time after another. */
  readonly example: { readonly text: string; readonly over: readonly JsonValue[]; readonly result: JsonValue };
  /** What gathers. Constants that only `result` needs must not change it, so that calls can share it. */
  accumulator(constants: readonly number[]): Accumulator<State>;
  /** The value; undefined where there is none. It must not share what changes with the state. */
  result(state: State, constants: readonly number[]): JsonValue | undefined;
}

/** Types a definition by its state. */
export function defineAggregate<State>(definition: AggregateFunction<State>): AggregateFunction {
  return definition;
}

/** What all aggregates of one field begin with. */
export const VALUE = { name: 'value', type: 'any' } as const;
export const NUMBER = { name: 'value', type: 'number' } as const;

/** A number that JSON can hold. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
