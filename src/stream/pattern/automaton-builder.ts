import { type Automaton, State, type StateKind } from './automaton.ts';
import type { Conditions } from './conditions.ts';
import type { Link, LoopLink, PatternDefinition, PatternElement, Repetition } from './definition.ts';
import { and, andNot, type Guard, not } from './guard.ts';
import {
  behindOf,
  elementAt,
  groupAt,
  headsGroup,
  isOptional,
  loopLinkOf,
  notsBefore,
  notsUntil,
  type Place,
  type Scope,
} from './places.ts';

/** How records that are not taken may be left out. `undefined`: always; null: never. */
type IgnoreGuard = Guard | undefined | null;

/** `past`: where an optional element is left out to. */
interface SingleParts {
  readonly sink: State;
  readonly past: State | undefined;
  readonly take: Guard | undefined;
  readonly ignore: IgnoreGuard;
  readonly optional: boolean;
  readonly within?: number | undefined;
}

/**
 * Builds the automaton of a pattern, from its end to its beginning: each element is made with the state behind it known. Which states
 * there are, and which transitions they have in which order, is what decides the results; it follows the construction of Flink CEP
 * (NFACompiler, whose meanings these are), itself after Agrawal et al., "Efficient Pattern Matching over Event Streams", SIGMOD 2008.
 */
export class AutomatonBuilder {
  readonly #definition: PatternDefinition;
  readonly #conditions: Conditions;
  readonly #states: State[] = [];
  readonly #stops = new Map<PatternElement, State>();
  /** The state behind a greedy loop as it was before the loop took precedence: where `until` leads. */
  readonly #ungreedy = new Map<State, State>();

  constructor(definition: PatternDefinition, conditions: Conditions) {
    this.#definition = definition;
    this.#conditions = conditions;
  }

  build(): Automaton {
    const scope: Scope = { sequence: this.#definition.sequence, group: undefined, firstRound: true, place: undefined };
    const end = this.#state('final', -1);
    const start = this.#element({ scope, at: 0 }, this.#behindFirst(scope, end));
    return { states: this.#states, start };
  }

  /** The states of all elements but the first. */
  #behindFirst(scope: Scope, end: State): State {
    let sink = end;
    for (let at = scope.sequence.length - 1; at > 0; at -= 1) {
      const place = { scope, at };
      const { link, within } = elementAt(place);
      // In the middle a `not_followed_by` is no state, but a condition of those before the next element.
      const ends = sink.kind === 'final' && (within !== undefined || this.#definition.within !== undefined);
      if (link === 'not_next') sink = this.#notNext(place, sink);
      else if (link !== 'not_followed_by') sink = this.#element(place, sink);
      else if (ends) sink = this.#notFollowedAtEnd(place);
    }
    return sink;
  }

  #notNext(place: Place, sink: State): State {
    const state = this.#state('normal', -1, elementAt(place).within);
    const guard = this.#take(place);
    // The end is not gone on to without a record: any other must have come.
    state.add(sink.kind === 'final' ? 'ignore' : 'proceed', sink, not(guard));
    state.add('proceed', this.#stop(place), guard);
    return state;
  }

  #notFollowedAtEnd(place: Place): State {
    const state = this.#state('pending', -1, elementAt(place).within);
    const guard = this.#take(place);
    state.add('proceed', this.#stop(place), guard);
    state.add('ignore', state, not(guard));
    return state;
  }

  #element(place: Place, sink: State): State {
    const { repetition, within } = elementAt(place);
    const first = this.#repeated(place, sink, repetition, within);
    for (const each of notsBefore(place)) first.add('proceed', this.#stop(each), this.#take(each));
    return first;
  }

  #repeated(place: Place, sink: State, repetition: Repetition | undefined, within: number | undefined): State {
    if (repetition === undefined) {
      const parts = { sink, past: sink, take: this.#take(place), ignore: this.#ignore(place), optional: isOptional(place) };
      return this.#single(place, { ...parts, within }, true);
    }
    if (repetition.to !== Number.POSITIVE_INFINITY) return this.#times(place, repetition, { sink, past: sink });
    // Once a loop has taken a record, what must not come before it does not matter any more.
    const loop = this.#loop(place, repetition, this.#withoutNots(place, sink));
    return this.#times(place, { ...repetition, to: repetition.from }, { sink: loop, past: sink });
  }

  /** States that take `from` to `to` records. */
  #times(place: Place, repetition: Repetition, { sink, past }: { sink: State; past: State }): State {
    const { from, to, greedy } = repetition;
    const until = this.#conditions.guard(repetition.until);
    const take = andNot(until, this.#take(place));
    const ignore = this.#innerIgnore(place, repetition.link);
    const inner = ignore === null ? null : andNot(until, ignore);
    if (greedy && from !== to) {
      if (until !== undefined) this.#ungreedy.set(sink, this.#copy(sink));
      sink.putBehind(take);
    }
    let next = sink;
    for (let i = from; i < to; i += 1) {
      next = this.#single(place, { sink: next, past, take, ignore: inner, optional: true }, false);
      this.#stopBehind(place, next);
    }
    for (let i = 1; i < from; i += 1) {
      next = this.#single(place, { sink: next, past: undefined, take, ignore: inner, optional: false }, false);
      this.#stopBehind(place, next);
    }
    const { optional, within } = elementAt(place);
    return this.#single(place, { sink: next, past, take, ignore: this.#ignore(place), optional, within }, true);
  }

  /** A state that takes one record. `firstRound`: of a group, see {@link Scope}. */
  #single(place: Place, parts: SingleParts, firstRound: boolean): State {
    const element = elementAt(place);
    if (element.group !== undefined) return this.#group(place, parts, firstRound);
    const { take, ignore, past, optional } = parts;
    const state = this.#state('normal', this.#numberOf(element), parts.within);
    // A record that is taken ends what must not come before an optional element.
    const sink = this.#withoutNots(place, parts.sink);
    state.add('take', sink, take);
    // That of the first of a group is added when the group is there.
    if (optional && !headsGroup(place)) this.#addPast(place, state, past as State);
    if (ignore === null) return state;
    if (!optional) {
      state.add('ignore', state, ignore);
      return state;
    }
    // Left out once, an optional element waits in a state of its own, so that each way past it is gone once.
    const waiting = this.#state('normal', state.element, parts.within);
    waiting.add('take', sink, take);
    waiting.add('ignore', waiting, ignore);
    for (const each of notsUntil(place)) waiting.add('proceed', this.#stop(each), this.#take(each));
    state.add('ignore', waiting, ignore);
    return state;
  }

  #addPast(place: Place, state: State, past: State): void {
    const { repetition } = elementAt(place);
    const until = repetition?.greedy === true ? this.#conditions.guard(repetition.until) : undefined;
    const guard = this.#open(place);
    if (until === undefined) {
      state.add('proceed', past, guard);
      return;
    }
    state.add('proceed', this.#ungreedy.get(past) ?? past, and(guard, until));
    state.add('proceed', past, and(guard, not(until)));
  }

  /** The states of a group that is gone through once. */
  #group(place: Place, { sink, past, optional }: SingleParts, firstRound: boolean): State {
    const scope = groupAt(place, firstRound);
    const first = this.#element({ scope, at: 0 }, this.#behindFirst(scope, sink));
    if (optional) first.add('proceed', past as State, this.#open(place));
    return first;
  }

  #loop(place: Place, repetition: Repetition, sink: State): State {
    const element = elementAt(place);
    if (element.group !== undefined) return this.#groupLoop(place, sink);
    const until = this.#conditions.guard(repetition.until);
    const take = andNot(until, this.#take(place));
    const inner = this.#innerIgnore(place, repetition.link);
    const ignore = inner === null ? null : andNot(until, inner);
    const state = this.#state('normal', this.#numberOf(element));
    const guard = this.#open(place);
    if (repetition.greedy && until !== undefined) {
      const before = this.#copy(sink);
      this.#ungreedy.set(sink, before);
      state.add('proceed', before, and(guard, until));
      state.add('proceed', sink, and(guard, not(until)));
    } else state.add('proceed', sink, guard);
    if (repetition.greedy) sink.putBehind(this.#take(place));
    state.add('take', state, take);
    this.#stopBehind(place, state);
    if (ignore !== null) {
      const waiting = this.#state('normal', state.element);
      waiting.add('take', state, take);
      waiting.add('ignore', waiting, ignore);
      state.add('ignore', waiting, ignore);
      this.#stopBehind(place, waiting);
    }
    return state;
  }

  #groupLoop(place: Place, sink: State): State {
    const scope = groupAt(place, false);
    const again = this.#state('normal', -1);
    const first = this.#element({ scope, at: 0 }, this.#behindFirst(scope, again));
    first.add('proceed', sink, this.#open(place));
    again.add('proceed', first, this.#open(place));
    return first;
  }

  /** Stops a loop by what must not follow it. */
  #stopBehind(place: Place, state: State): void {
    const behind = behindOf(place);
    if (behind === undefined || elementAt(behind).link !== 'not_followed_by') return;
    state.add('proceed', this.#stop(behind), this.#take(behind));
  }

  /** The state of a record that must not come: one for each element. */
  #stop(place: Place): State {
    const element = elementAt(place);
    let state = this.#stops.get(element);
    if (state === undefined) {
      state = this.#state('stop', -1);
      state.add('take', state, this.#take(place));
      this.#stops.set(element, state);
    }
    return state;
  }

  /**
   * The state without what must not come before an optional element, for when that has taken a record: `a, not b, c?, d` matches
   * `a c b d`, but not `a b d`.
   */
  #withoutNots(place: Place, sink: State): State {
    const nots = notsBefore(place);
    if (nots.length === 0 || !elementAt(place).optional) return sink;
    return this.#copyWithout(sink, new Set(nots.map((each) => this.#stop(each))), new Map());
  }

  #copyWithout(state: State, stops: ReadonlySet<State>, copies: Map<State, State>): State {
    const known = copies.get(state);
    if (known !== undefined) return known;
    const copy = this.#like(state);
    copies.set(state, copy);
    for (const { action, target, guard } of state.transitions) {
      if (action !== 'proceed') copy.add(action, target === state ? copy : target, guard);
      else if (target.kind !== 'stop') copy.add(action, this.#copyWithout(target, stops, copies), guard);
      else if (!stops.has(target)) copy.add(action, target, guard);
    }
    return copy;
  }

  #copy(state: State): State {
    const copy = this.#like(state);
    for (const { action, target, guard } of state.transitions) copy.add(action, target === state ? copy : target, guard);
    return copy;
  }

  #like({ kind, element, within }: State): State {
    return this.#state(kind, element, within);
  }

  #state(kind: StateKind, element: number, within?: number | undefined): State {
    const state = new State(this.#states.length, kind, element, within);
    this.#states.push(state);
    return state;
  }

  #numberOf({ name }: PatternElement): number {
    return this.#definition.names.indexOf(name as string);
  }

  #take(place: Place): Guard | undefined {
    return andNot(this.#until(place.scope.group), this.#conditions.guard(elementAt(place).where));
  }

  /** When a record that the element does not take may be left out before its first. */
  #ignore(place: Place): IgnoreGuard {
    const { group, firstRound } = place.scope;
    if (!headsGroup(place)) return this.#ignoreBy(place, elementAt(place).link);
    return this.#ignoreBy(place, firstRound ? (group as PatternElement).link : loopLinkOf(group as PatternElement));
  }

  /** When a record may be left out between two that it takes. */
  #innerIgnore(place: Place, link: LoopLink): IgnoreGuard {
    return this.#ignoreBy(place, headsGroup(place) ? loopLinkOf(place.scope.group as PatternElement) : link);
  }

  #ignoreBy(place: Place, link: Link): IgnoreGuard {
    if (link === 'next') return null;
    const open = link === 'followed_by' ? not(this.#conditions.guard(elementAt(place).where)) : undefined;
    const until = this.#until(place.scope.group);
    return until === undefined ? open : and(not(until), open);
  }

  /** A way that takes no record is closed by the end of the group's loop. */
  #open({ scope }: Place): Guard | undefined {
    const until = this.#until(scope.group);
    return until === undefined ? undefined : not(until);
  }

  #until(group: PatternElement | undefined): Guard | undefined {
    return this.#conditions.guard(group?.repetition?.until);
  }
}
