import { CLOSED, type Rules, SEPARATE, type State } from './rules.ts';

/**
 * One way from a state to another. From `start` a line begins an event; one that fits none of its ways is an event alone. A state with a question mark is tentative: its
 * lines belong to the event only if a later line does.
 */
export type Transition = readonly [from: string, line: RegExp, to: string];

/** Which lines follow each other in what a runtime prints. */
export interface Machine {
  readonly name: string;
  readonly transitions: readonly Transition[];
}

/** A line is judged by so many characters of its beginning: all that the patterns look for is there. */
const LONGEST = 2000;

interface CompiledState {
  readonly name: string;
  readonly tentative: boolean;
  readonly ways: { readonly line: RegExp; to: State }[];
}

/** Rules by a machine. */
export class MachineRules implements Rules {
  readonly #states: CompiledState[] = [];
  readonly #byName = new Map<string, State>();
  readonly #starts: { readonly line: RegExp; readonly to: State }[] = [];

  constructor({ name, transitions }: Machine) {
    for (const [from, line, to] of transitions) {
      const target = this.#number(`${name}.${to}`);
      if (from === 'start') this.#starts.push({ line, to: target });
      else this.#states[this.#number(`${name}.${from}`)]?.ways.push({ line, to: target });
    }
  }

  begin(line: string): State {
    const text = beginningOf(line);
    for (const way of this.#starts) if (way.line.test(text)) return this.#orClosed(way.to);
    return CLOSED;
  }

  join(state: State, line: string): State {
    const text = beginningOf(line);
    const known = this.#states[state];
    for (const way of known?.ways ?? []) if (way.line.test(text)) return this.#orClosed(way.to);
    return SEPARATE;
  }

  tentative(state: State): boolean {
    return this.#states[state]?.tentative === true;
  }

  nameOf(state: State): string {
    return this.#states[state]?.name ?? '';
  }

  stateOf(name: string): State {
    return this.#byName.get(name) ?? CLOSED;
  }

  #number(name: string): State {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const state = this.#states.push({ name, tentative: name.endsWith('?'), ways: [] }) - 1;
    this.#byName.set(name, state);
    return state;
  }

  /** A state that nothing leads out of needs no next line to be over. */
  #orClosed(state: State): State {
    return this.#states[state]?.ways.length === 0 ? CLOSED : state;
  }
}

function beginningOf(line: string): string {
  return line.length > LONGEST ? line.slice(0, LONGEST) : line;
}

/** Writes transitions from several states that take the same lines. */
export function from(states: string, ...ways: readonly (readonly [line: RegExp, to: string])[]): Transition[] {
  return states.split(' ').flatMap((state) => ways.map(([line, to]): Transition => [state, line, to]));
}
