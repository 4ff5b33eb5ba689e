import type { MatchExpression } from '../../sdk/match-expression.ts';
import type { Guard } from './guard.ts';

/** Conditions by number, so that one that is the same for all partial matches is evaluated once a record. */
export class Conditions {
  readonly #conditions: MatchExpression[] = [];

  get all(): readonly MatchExpression[] {
    return this.#conditions;
  }

  guard(condition: MatchExpression | undefined): Guard | undefined {
    if (condition === undefined) return undefined;
    const known = this.#conditions.indexOf(condition);
    const number = known >= 0 ? known : this.#conditions.push(condition) - 1;
    return condition.iterative ? (look) => condition.evaluate(look.value, look) === true : (look) => look.holds(number);
  }
}
