import type { JsonObject } from '../../record/json.ts';
import type { MatchExpression, MatchView } from '../../sdk/match-expression.ts';
import { allTaken, lastTaken, type Taken } from './run.ts';

const UNKNOWN = 0;
const TRUE = 1;
const FALSE = 2;
const NOTHING: JsonObject = {};

/** A record that partial matches are tried with, one after the other. */
export class Look implements MatchView {
  readonly #conditions: readonly MatchExpression[];
  readonly #known: Uint8Array;
  value: JsonObject = NOTHING;
  time = 0;
  key: string | null = null;
  /** What the partial match at hand has taken last. */
  taking: Taken | undefined;

  constructor(conditions: readonly MatchExpression[]) {
    this.#conditions = conditions;
    this.#known = new Uint8Array(conditions.length);
  }

  turnTo(value: JsonObject, time: number, key: string | null): void {
    this.value = value;
    this.time = time;
    this.key = key;
    this.taking = undefined;
    this.#known.fill(UNKNOWN);
  }

  /** Whether a condition holds that does not depend on the partial match. */
  holds(number: number): boolean {
    let known = this.#known[number];
    if (known === UNKNOWN) {
      known = this.#conditions[number]?.evaluate(this.value, this) === true ? TRUE : FALSE;
      this.#known[number] = known;
    }
    return known === TRUE;
  }

  last(element: number): JsonObject | undefined {
    return lastTaken(this.taking, element);
  }

  taken(element: number): readonly JsonObject[] {
    return allTaken(this.taking, element);
  }
}
