import { and, type Guard, not } from './guard.ts';

/**
 * What a transition does with the record: take it into the match; leave it out and stay in the match; or go on to another state
 * without having looked at it, which then looks at it in turn.
 */
export type Action = 'take' | 'ignore' | 'proceed';

export interface Transition {
  readonly action: Action;
  readonly target: State;
  /** Open where it is true; absent: always. */
  guard: Guard | undefined;
}

/**
 * `normal`: waits for a record. `final`: the match is complete. `stop`: a record came that must not: the partial match is void.
 * `pending`: complete unless a record that must not comes within the time.
 */
export type StateKind = 'normal' | 'final' | 'stop' | 'pending';

/** A state of the automaton. */
export class State {
  readonly number: number;
  readonly kind: StateKind;
  /** The number of the element that takes the records; -1 where none does. */
  readonly element: number;
  /** How long after the record taken before, in ms, it may wait. */
  readonly within: number | undefined;
  readonly transitions: Transition[] = [];

  constructor(number: number, kind: StateKind, element: number, within: number | undefined) {
    this.number = number;
    this.kind = kind;
    this.element = element;
    this.within = within;
  }

  add(action: Action, target: State, guard?: Guard): void {
    this.transitions.push({ action, target, guard });
  }

  /** Puts it behind a greedy loop: it looks only at what the loop does not take. */
  putBehind(take: Guard | undefined): void {
    for (const transition of this.transitions) transition.guard = and(transition.guard, not(take));
  }
}

export interface Automaton {
  readonly states: readonly State[];
  readonly start: State;
}
