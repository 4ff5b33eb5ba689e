import type { JsonValue } from '../../record/json.ts';

/**
 * What an aggregate gathers of the records of a group. Where order matters it is that of event time; among records of the
 * same time it is that of arrival, and what is merged into another has arrived after it.
 */
export interface Accumulator<State> {
  /** Names the form of its state: calls with the same form over the same inputs share one state. A format. */
  readonly form: string;
  /** What it takes, for messages: `numbers`. */
  readonly takes: string;
  create(): State;
  /**
   * Adds what one record gives, in place. None of the values is missing or null. `time` is the record's event time in ms.
   * Returns false where it does not take a value like this, and then has changed nothing.
   */
  add(state: State, time: number, value: JsonValue, second: JsonValue): boolean;
  /** Adds what `from` has gathered; `from` stays as it is, and shares nothing with `into` that changes. */
  merge(into: State, from: State): void;
  clone(state: State): State;
  /** JSON that `decode` reads; nothing in it changes with the state. */
  encode(state: State): JsonValue;
  /** Throws where `stored` is no such form. */
  decode(stored: JsonValue): State;
}
