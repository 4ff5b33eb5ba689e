import type { JsonValue } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';
import type { AggregateExpression } from './aggregate-function.ts';
import type { MatchExpression } from './match-expression.ts';

/** Evaluates something against one record. A missing field gives `undefined`; it never throws. */
export type Evaluate = (record: StreamRecord) => JsonValue | undefined;

export type OptionLanguage = 'expression' | 'template' | 'map' | 'aggregate' | 'url' | 'match';

/**
 * A text in a pipeline file that is compiled after the schema has accepted it: an expression, a template, a `map`
 * program, or an expression over aggregates. The schema leaves it unbound; the compiler of pipeline files (`src/config`), which knows the text's position
 * and the functions of plugins, binds it. Its path in the validated options equals its path in the file.
 */
export class CompiledOption {
  readonly language: OptionLanguage;
  readonly text: string;
  #evaluate: Evaluate | undefined;
  #constant: { value: JsonValue } | undefined;
  #aggregate: AggregateExpression | undefined;
  #match: MatchExpression | undefined;
  /** Of an expression over a match: the names that it may ask, by number. Set when the options are read, before it is bound. */
  elements: readonly string[] = [];

  constructor(language: OptionLanguage, text: string) {
    this.language = language;
    this.text = text;
  }

  /** Gives it its compiled form. `constant`: its value where it depends on no record (a template without `{{ }}`). */
  bind(evaluate: Evaluate, constant?: { value: JsonValue }): void {
    this.#evaluate = evaluate;
    this.#constant = constant;
  }

  /** The value where it is the same for all records. */
  get constant(): { value: JsonValue } | undefined {
    return this.#constant;
  }

  /** The compiled function: take it once, outside the loop over records. */
  get evaluate(): Evaluate {
    return this.#evaluate ?? this.#unbound();
  }

  /** Gives an expression over aggregates its compiled form. */
  bindAggregate(aggregate: AggregateExpression): void {
    this.#aggregate = aggregate;
  }

  /** The compiled form of an expression over aggregates. */
  get aggregate(): AggregateExpression {
    return this.#aggregate ?? this.#unbound();
  }

  /** Gives an expression over a match its compiled form. */
  bindMatch(match: MatchExpression): void {
    this.#match = match;
  }

  /** The compiled form of an expression over a match. */
  get match(): MatchExpression {
    return this.#match ?? this.#unbound();
  }

  #unbound(): never {
    throw new Error(`the ${this.language} ${JSON.stringify(this.text)} was never bound`);
  }
}
