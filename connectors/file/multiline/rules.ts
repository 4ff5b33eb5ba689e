/** Where an event is after a line, as its rules number it. */
export type State = number;

/** The event is complete with this line. */
export const CLOSED: State = -1;
/** The line does not belong to the event, which ended before it. */
export const SEPARATE: State = -2;

/** Which lines are one event. They hold nothing: what they have to know of an event is in its state. */
export interface Rules {
  /** The state after a line that begins an event. */
  begin(line: string): State;
  /** The state after the next line, or {@link SEPARATE}. */
  join(state: State, line: string): State;
  /** Whether the lines that led to this state belong to the event only if a later one does. */
  tentative(state: State): boolean;
  /** A state as it is stored with a position; it stays the same over versions. */
  nameOf(state: State): string;
  /** The state of that name, or {@link CLOSED} where there is none (any more). */
  stateOf(name: string): State;
}

/** Every line is an event. */
export const singleLines: Rules = {
  begin: () => CLOSED,
  join: () => SEPARATE,
  tentative: () => false,
  nameOf: () => '',
  stateOf: () => CLOSED,
};
