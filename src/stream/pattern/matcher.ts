import type { JsonObject } from '../../record/json.ts';
import type { MatchExpression } from '../../sdk/match-expression.ts';
import type { Automaton, State, Transition } from './automaton.ts';
import type { PatternDefinition } from './definition.ts';
import type { KeptFields } from './kept-fields.ts';
import { Look } from './look.ts';
import type { KeptEvent, KeyRuns, Run } from './run.ts';
import { skipsTo } from './skip.ts';

/** What is told of matches, and of partial ones that are over by their time. */
export type Found = (run: Run, timedOut: boolean) => void;

/** A record, in its turn. */
export interface PatternEvent {
  readonly id: string;
  readonly time: number;
  readonly value: JsonObject;
  readonly key: string | null;
}

interface Edge {
  readonly source: State;
  readonly transition: Transition;
}

const NEVER = Number.POSITIVE_INFINITY;
const NONE: readonly Run[] = [];

/** Takes the records of keys through the automaton. */
export class Matcher {
  readonly #automaton: Automaton;
  readonly #definition: PatternDefinition;
  readonly #look: Look;
  readonly #kept: KeptFields | undefined;
  readonly #maxRuns: number;
  readonly #edges: Edge[] = [];
  readonly #open: State[] = [];
  /** Whether a partial match has taken the record at hand. */
  #isTaken = false;
  /** How many partial matches were given up because their keys had too many. */
  givenUp = 0;

  constructor(
    automaton: Automaton,
    definition: PatternDefinition,
    parts: { conditions: readonly MatchExpression[]; kept: KeptFields | undefined; maxRuns: number },
  ) {
    this.#automaton = automaton;
    this.#definition = definition;
    this.#look = new Look(parts.conditions);
    this.#kept = parts.kept;
    this.#maxRuns = parts.maxRuns;
  }

  /** What a key has after a record. Partial matches that it is too late for must be over already: see {@link advance}. */
  process(before: KeyRuns | undefined, { id, time, value, key }: PatternEvent, found: Found): KeyRuns | undefined {
    this.#look.turnTo(value, time, key);
    const number = before?.next ?? 0;
    const event = { number, id, time, value };
    this.#isTaken = false;
    const runs: Run[] = [];
    const complete: Run[] = [];
    for (const run of before?.runs ?? NONE) this.#continue(run, event, runs, complete);
    this.#continue(undefined, event, runs, complete);
    if (this.#isTaken && this.#kept !== undefined) event.value = this.#kept.partOf(value);
    if (runs.length === 0 && complete.length === 0 && before === undefined) return undefined;
    return this.#settle(runs, inOrder(before?.complete ?? NONE, complete), number + 1, found);
  }

  /** What a key has once event time has come to `time`. */
  advance(before: KeyRuns, time: number, found: Found): KeyRuns | undefined {
    const runs: Run[] = [];
    const complete: Run[] = [];
    for (const run of before.runs) {
      if (this.dueAt(run) > time) runs.push(run);
      else if (this.#automaton.states[run.state]?.kind === 'pending') complete.push(run);
      else found(run, true);
    }
    return this.#settle(runs, inOrder(before.complete, complete), before.next, found);
  }

  /** Tells of what is complete and can be ruled out by nothing any more, and rules out what that does. */
  #settle(runs: readonly Run[], complete: readonly Run[], next: number, found: Found): KeyRuns | undefined {
    const { skip } = this.#definition;
    let left = runs;
    let waiting = complete;
    let told = 0;
    for (let match = waiting[0]; match !== undefined; match = waiting[told]) {
      const earliest = left[0];
      if (skip.kind !== 'no_skip' && earliest !== undefined && earliest.first.number < match.first.number) break;
      told += 1;
      const from = skipsTo(skip, match);
      if (from !== undefined) {
        left = left.filter(({ first }) => first.number >= from);
        waiting = waiting.slice(told).filter(({ first }) => first.number >= from);
        told = 0;
      }
      found(match, false);
    }
    if (told > 0) waiting = waiting.slice(told);
    if (left.length > this.#maxRuns) {
      this.givenUp += left.length - this.#maxRuns;
      left = left.slice(left.length - this.#maxRuns);
    }
    if (left.length === 0 && waiting.length === 0) return undefined;
    let due = NEVER;
    for (const run of left) due = Math.min(due, this.dueAt(run));
    return { runs: left, complete: waiting, next, due };
  }

  /** When a partial match is over by its time, in ms of event time. */
  dueAt({ first, taken, state }: Run): number {
    const whole = first.time + (this.#definition.within ?? NEVER);
    const step = taken.event.time + (this.#automaton.states[state]?.within ?? NEVER);
    return Math.min(whole, step);
  }

  /** Where a partial match goes with a record; `undefined`: one that may begin with it. */
  #continue(run: Run | undefined, event: KeptEvent, runs: Run[], complete: Run[]): void {
    const state = run === undefined ? this.#automaton.start : (this.#automaton.states[run.state] as State);
    this.#look.taking = run?.taken;
    const edges = this.#edgesFrom(state);
    const retained = runs.length;
    let stopped = false;
    for (const { source, transition } of edges) {
      const { action, target } = transition;
      if (action === 'take' && target.kind === 'stop') stopped = true;
      else if (action === 'take') {
        this.#isTaken = true;
        const taken = { element: source.element, event, before: run?.taken };
        const next = { state: target.number, taken, first: run?.first ?? event };
        if (target.kind === 'final') complete.push(next);
        else {
          runs.push(next);
          if (this.#endsBehind(target)) complete.push(next);
        }
      } else if (run !== undefined) {
        const next = target === state ? run : { state: target.number, taken: run.taken, first: run.first };
        if (target.kind === 'final') complete.push(next);
        else runs.push(next);
      }
    }
    // One record that must not come ends all ways that go on from here.
    if (stopped) runs.length = retained;
  }

  /** The transitions by which a record is taken or left out, also those of states that are gone on to without one. */
  #edgesFrom(state: State): readonly Edge[] {
    const edges = this.#edges;
    const open = this.#open;
    edges.length = 0;
    open.push(state);
    for (let source = open.pop(); source !== undefined; source = open.pop()) {
      for (const transition of source.transitions) {
        const { action, target, guard } = transition;
        if (guard !== undefined && !guard(this.#look)) continue;
        if (action === 'proceed') open.push(target);
        else edges.push({ source, transition });
      }
    }
    return edges;
  }

  /** Whether the end is reached from a state without another record: what is behind is optional. */
  #endsBehind(state: State): boolean {
    const open = this.#open;
    let ends = false;
    open.push(state);
    for (let source = open.pop(); source !== undefined; source = open.pop()) {
      for (const { action, target, guard } of source.transitions) {
        if (action !== 'proceed' || (guard !== undefined && !guard(this.#look))) continue;
        if (target.kind === 'final') ends = true;
        else open.push(target);
      }
    }
    return ends;
  }
}

/** Complete matches in the order of their first records; of one first record, as they are. */
function inOrder(waiting: readonly Run[], more: readonly Run[]): readonly Run[] {
  if (waiting.length === 0) return more;
  if (more.length === 0) return waiting;
  return [...waiting, ...more].sort((a, b) => a.first.number - b.first.number);
}
