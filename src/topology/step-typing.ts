import { errorMessage, reasonOf } from '../errors/index.ts';
import {
  adviceOnField,
  type ExpressionProblem,
  type ExpressionScope,
  type TypedOption,
  typeOption,
} from '../expression/index.ts';
import type { FieldPath } from '../record/path.ts';
import { CompiledOption } from '../sdk/option.ts';
import type { Against, ConditionTypes, Reading, StepTypes } from '../sdk/step-types.ts';
import {
  ABSENT,
  ANY,
  BOOLEAN,
  deadEndOf,
  type FieldType,
  getPath,
  kindsText,
  type RecordType,
  sharesKind,
  typeText,
  union,
} from '../sdk/types/index.ts';

/** Says of fields that were otherwise before what rules it out; of others what is said of them. */
export function sinceAsked(before: RecordType, said: string, otherwise: ExpressionScope['since']): ExpressionScope['since'] {
  return (path, type) => (typeText(getPath(before, path).type) === typeText(type) ? otherwise?.(path, type) : said);
}

/** A mistake in an option: where the option is, and where in its text. */
export interface OptionMistake extends ExpressionProblem {
  readonly path: readonly PropertyKey[];
}

/** What the options of a step, or of a part of a node, are looked at with. */
export interface Surroundings {
  readonly scope: ExpressionScope;
  readonly topic: (name: string) => RecordType;
  readonly report: (mistake: OptionMistake) => void;
}

/** Looks at the options of one step against the record as it comes to it. */
export class StepTyping implements StepTypes {
  readonly input: RecordType;
  readonly #surroundings: Surroundings;
  /** Where each compiled option stands. */
  readonly #places: ReadonlyMap<CompiledOption, readonly PropertyKey[]>;
  readonly #seen = new Set<CompiledOption>();
  readonly #sent = new Map<string, RecordType>();

  constructor(options: unknown, input: RecordType, surroundings: Surroundings) {
    this.input = input;
    this.#surroundings = surroundings;
    this.#places = placesOf(options);
  }

  valueOf(option: CompiledOption, against: Against = {}): TypedOption {
    const { record = this.input, result, taken } = against;
    const more = { ...(result === undefined ? {} : { result }), ...(taken === undefined ? {} : { taken }) };
    const typed = typeOption(option, { ...this.#scopeOf(against), record, ...more });
    for (const problem of typed.problems) this.#report(option, problem);
    this.#seen.add(option);
    return typed;
  }

  #scopeOf({ since, foreign }: Against): ExpressionScope {
    const { scope } = this.#surroundings;
    // Of a record of elsewhere the steps of this node say nothing.
    if (foreign === true) return { ...scope, later: undefined, since: undefined };
    return since === undefined ? scope : { ...scope, since: sinceAsked(this.input, since, scope.since) };
  }

  condition(option: CompiledOption, against?: Against): ConditionTypes {
    const typed = this.valueOf(option, against);
    if (!sharesKind(typed.type, BOOLEAN)) this.#refuseCondition(option, typed);
    const met = typed.narrowed(true);
    const unmet = typed.narrowed(false);
    return { met: met.type, unmet: unmet.type, never: !met.possible, always: !unmet.possible };
  }

  #refuseCondition(option: CompiledOption, { type }: FieldType): void {
    const reason = `only true counts here, and \`${option.text.trim()}\` is ${kindsText(type)}: compare it, or write exists(...)`;
    const message = errorMessage('EXPRESSION_TYPE', { reason });
    this.#report(option, { code: 'EXPRESSION_TYPE', message, offset: 0, length: option.text.length });
  }

  read(field: FieldPath, { at, takes, optional = false }: Reading): FieldType {
    const { scope, report } = this.#surroundings;
    const deadEnd = deadEndOf(this.input, field);
    const name = field.join('.');
    const place = { path: at, offset: 0, length: name.length };
    if (deadEnd !== undefined) {
      const { instead, suggestion } = adviceOnField(field, deadEnd, scope);
      const message = errorMessage('EXPRESSION_UNKNOWN_FIELD', { field: name, instead });
      const meant = suggestion === undefined ? {} : { suggestion };
      report({ code: 'EXPRESSION_UNKNOWN_FIELD', message, ...place, ...meant, ...(optional ? { severity: 'warning' } : {}) });
      return ABSENT;
    }
    const found = getPath(this.input, field);
    if (takes !== undefined && !sharesKind(found.type, takes)) {
      const reason = `${name} is ${kindsText(found.type)}, and the step takes ${kindsText(takes)}`;
      report({ code: 'EXPRESSION_TYPE', message: errorMessage('EXPRESSION_TYPE', { reason }), ...place });
    }
    if (scope.strict !== undefined && found.type === ANY && takes !== undefined && !optional) {
      const message = errorMessage('EXPRESSION_UNTYPED_FIELD', { field: name, instead: scope.strict });
      report({ code: 'EXPRESSION_UNTYPED_FIELD', message, ...place });
    }
    return found;
  }

  topic(name: string): RecordType {
    return this.#surroundings.topic(name);
  }

  sends(topic: string, records: RecordType): void {
    const before = this.#sent.get(topic);
    this.#sent.set(topic, before === undefined ? records : union(before, records));
  }

  /** What is known of the records that the step sends to a topic itself. */
  sentTo(topic: string): RecordType {
    return this.#sent.get(topic) ?? this.input;
  }

  /** The definition failed to say what it yields. */
  failed(kind: string, error: unknown): void {
    const message = errorMessage('TYPE_NOT_SAID', { kind: JSON.stringify(kind), reason: reasonOf(error) });
    this.#surroundings.report({ code: 'TYPE_NOT_SAID', message, path: [], offset: 0, length: 1, severity: 'warning' });
  }

  /** Looks at what the definition has not asked for. */
  checkRest(): void {
    for (const option of this.#places.keys()) if (!this.#seen.has(option)) this.valueOf(option);
  }

  #report(option: CompiledOption, problem: ExpressionProblem): void {
    this.#surroundings.report({ ...problem, path: this.#places.get(option) ?? [] });
  }
}

/** Where in options compiled ones stand. */
function placesOf(options: unknown): ReadonlyMap<CompiledOption, readonly PropertyKey[]> {
  const places = new Map<CompiledOption, readonly PropertyKey[]>();
  const visit = (value: unknown, path: readonly PropertyKey[]): void => {
    if (value instanceof CompiledOption) places.set(value, path);
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
      for (const [key, item] of entries) visit(item, [...path, key]);
    }
  };
  visit(options, []);
  return places;
}
