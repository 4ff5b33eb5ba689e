import type { JsonValue } from '../../record/json.ts';
import type { Logger } from '../../sdk/logger.ts';
import type { MatchExpression } from '../../sdk/match-expression.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';
import { AutomatonBuilder } from './automaton-builder.ts';
import { Conditions } from './conditions.ts';
import type { PatternDefinition } from './definition.ts';
import { KeptFields } from './kept-fields.ts';
import { MatchResults, type Measure } from './match-result.ts';
import { Matcher } from './matcher.ts';
import type { KeyRuns, Run } from './run.ts';
import { decodeRuns, encodeRuns } from './stored-runs.ts';

export interface PatternSettings {
  readonly definition: PatternDefinition;
  readonly measures: readonly Measure[] | undefined;
  /** Whether partial matches that are over by their time are results too. */
  readonly emitsTimedOut: boolean;
  /** The most partial matches of a key: the oldest beyond are given up. */
  readonly maxRuns: number;
}

/** Finds a pattern in the records of each key. */
export class PatternRule implements Rule<KeyRuns> {
  readonly #matcher: Matcher;
  readonly #results: MatchResults;
  readonly #emitsTimedOut: boolean;
  readonly #log: Logger;
  readonly #maxRuns: number;
  #output: RuleOutput | undefined;
  #key: RuleKey | undefined;
  #time = 0;
  #warned = false;
  readonly #found = (run: Run, timedOut: boolean): void => {
    if (timedOut && !this.#emitsTimedOut) return;
    this.#output?.emit(this.#results.of(run, this.#key as RuleKey, { time: this.#time, timedOut }));
  };

  constructor({ definition, measures, emitsTimedOut, maxRuns }: PatternSettings, log: Logger) {
    const conditions = new Conditions();
    const automaton = new AutomatonBuilder(definition, conditions).build();
    this.#matcher = new Matcher(automaton, definition, {
      conditions: conditions.all,
      kept: keptBy(conditions.all, measures),
      maxRuns,
    });
    this.#results = new MatchResults(definition.names, measures);
    this.#emitsTimedOut = emitsTimedOut;
    this.#maxRuns = maxRuns;
    this.#log = log;
  }

  process(state: KeyRuns | undefined, event: RuleEvent, key: RuleKey, output: RuleOutput): KeyRuns | undefined {
    this.#turnTo(event.time, key, output);
    const next = this.#matcher.process(state, event, this.#found);
    if (this.#matcher.givenUp > 0 && !this.#warned) this.#warn(key);
    return next;
  }

  dueAt({ due }: KeyRuns): number {
    return due;
  }

  due(state: KeyRuns, key: RuleKey, output: RuleOutput): KeyRuns | undefined {
    this.#turnTo(state.due, key, output);
    return this.#matcher.advance(state, state.due, this.#found);
  }

  encode(state: KeyRuns): JsonValue {
    return encodeRuns(state);
  }

  decode(stored: JsonValue): KeyRuns {
    return decodeRuns(stored, (run) => this.#matcher.dueAt(run));
  }

  #turnTo(time: number, key: RuleKey, output: RuleOutput): void {
    this.#time = time;
    this.#key = key;
    this.#output = output;
  }

  /** Once is enough: a key that has too many will have them again and again. */
  #warn(key: RuleKey): void {
    this.#warned = true;
    this.#log.warn(
      'a key has more partial matches than it may, and the oldest are given up; shorten "within", use "followed_by" in place of "followed_by_any", or raise "max_partial_matches"',
      { key: String(key.id), limit: this.#maxRuns },
    );
  }
}

/** What has to be kept of records that are taken: what conditions ask of them later, and results. `undefined`: all of it. */
function keptBy(conditions: readonly MatchExpression[], measures: readonly Measure[] | undefined): KeptFields | undefined {
  if (measures === undefined) return undefined;
  const results = measures.flatMap(({ expression }) => [...expression.own, ...expression.ofTaken]);
  return KeptFields.of([...conditions.flatMap(({ ofTaken }) => ofTaken), ...results]);
}
