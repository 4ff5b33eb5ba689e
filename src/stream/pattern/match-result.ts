import { copyOf } from '../../record/copy.ts';
import { toIso } from '../../record/iso-time.ts';
import type { JsonObject } from '../../record/json.ts';
import { type FieldPath, setField, setOwn } from '../../record/path.ts';
import type { MatchExpression, MatchView } from '../../sdk/match-expression.ts';
import type { RuleKey, RuleResult } from '../rule/rule.ts';
import { allTaken, lastTaken, type Run, type Taken } from './run.ts';

/** A field of results, computed from the match. */
export interface Measure {
  readonly path: FieldPath;
  readonly expression: MatchExpression;
}

/** Makes results of matches. */
export class MatchResults {
  readonly #names: readonly string[];
  readonly #measures: readonly Measure[] | undefined;
  readonly #view = new FinishedMatch();

  /** Without `measures` a result has the records themselves, by the names of the elements. */
  constructor(names: readonly string[], measures: readonly Measure[] | undefined) {
    this.#names = names;
    this.#measures = measures;
  }

  /** `time`: the event time at which it is emitted. */
  of(run: Run, key: RuleKey, { time, timedOut }: { time: number; timedOut: boolean }): RuleResult {
    const value: JsonObject = { '@timestamp': toIso(time) };
    key.setFields(value);
    const match: JsonObject = { start: toIso(run.first.time), end: toIso(run.taken.event.time) };
    if (timedOut) match['timed_out'] = true;
    value['match'] = match;
    if (this.#measures === undefined) value['matched'] = this.#records(run);
    else this.#measure(run, this.#measures, value);
    return { what: whatOf(run, timedOut), value, time };
  }

  #records({ taken }: Run): JsonObject {
    const matched: JsonObject = {};
    for (const [element, name] of this.#names.entries()) {
      const values = allTaken(taken, element);
      if (values.length > 0) setOwn(matched, name, values.reverse().map(copyOf));
    }
    return matched;
  }

  #measure(run: Run, measures: readonly Measure[], value: JsonObject): void {
    const view = this.#view;
    view.turnTo(run);
    for (const { path, expression } of measures) {
      const measured = expression.evaluate(run.taken.event.value, view);
      if (measured !== undefined) setField(value, path, copyOf(measured));
    }
  }
}

/** What identifies a match among those of its key: which records its elements have taken. */
function whatOf({ taken }: Run, timedOut: boolean): string {
  let what = timedOut ? 't' : 'm';
  for (let here: Taken | undefined = taken; here !== undefined; here = here.before) what += `/${here.element}:${here.event.id}`;
  return what;
}

class FinishedMatch implements MatchView {
  time = 0;
  readonly key = null;
  #taken: Taken | undefined;

  turnTo({ taken }: Run): void {
    this.#taken = taken;
    this.time = taken.event.time;
  }

  last(element: number): JsonObject | undefined {
    return lastTaken(this.#taken, element);
  }

  taken(element: number): readonly JsonObject[] {
    return allTaken(this.#taken, element);
  }
}
