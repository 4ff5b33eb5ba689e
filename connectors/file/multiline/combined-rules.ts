import { CLOSED, type Rules, SEPARATE, type State } from './rules.ts';

/**
 * Several rules at once: a line belongs to an event as long as one of those does say so that followed all of its lines.
 * A state here stands for one state of each of them.
 */
export class CombinedRules implements Rules {
  readonly #all: readonly Rules[];
  /** The states of each combination seen; CLOSED where one is out. There are no more than the rules' states allow. */
  readonly #combinations: (readonly State[])[] = [];
  readonly #numbers = new Map<string, State>();

  constructor(all: readonly Rules[]) {
    this.#all = all;
  }

  begin(line: string): State {
    const states = this.#all.map((rules) => rules.begin(line));
    return states.every((state) => state === CLOSED) ? CLOSED : this.#number(states);
  }

  join(state: State, line: string): State {
    const before = this.#combinations[state] ?? [];
    const after = this.#all.map((rules, i) => {
      const of = before[i] ?? CLOSED;
      return of === CLOSED ? SEPARATE : rules.join(of, line);
    });
    if (after.every((each) => each === SEPARATE)) return SEPARATE;
    // What one takes for sure is no longer tentative: those that only might take it are out.
    const sure = after.some((each, i) => each !== SEPARATE && !this.#isTentative(each, i));
    const left = after.map((each, i) => (each === SEPARATE || (sure && this.#isTentative(each, i)) ? CLOSED : each));
    return left.every((each) => each === CLOSED) ? CLOSED : this.#number(left);
  }

  tentative(state: State): boolean {
    return (this.#combinations[state] ?? []).every((each, i) => each === CLOSED || this.#isTentative(each, i));
  }

  nameOf(state: State): string {
    return (this.#combinations[state] ?? []).map((each, i) => (each === CLOSED ? '' : this.#all[i]?.nameOf(each))).join('|');
  }

  stateOf(name: string): State {
    const names = name.split('|');
    const states = this.#all.map((rules, i) => (names[i] ? rules.stateOf(names[i]) : CLOSED));
    return states.every((state) => state === CLOSED) ? CLOSED : this.#number(states);
  }

  #isTentative(state: State, i: number): boolean {
    return state !== CLOSED && this.#all[i]?.tentative(state) === true;
  }

  #number(states: readonly State[]): State {
    const key = states.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#combinations.push(states) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
