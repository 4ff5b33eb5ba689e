import type { FieldPath } from '../record/path.ts';
import type { AggregateSignature } from '../sdk/aggregate-function.ts';
import type { ExpressionFunction, ValueType } from './functions/definition.ts';
import { builtInFunctions } from './functions/index.ts';

/** What the names in an expression mean. */
export interface ExpressionScope {
  /** The functions that may be called, by name. */
  readonly functions: ReadonlyMap<string, ExpressionFunction>;
  /** The aggregates that expressions over aggregates may call, by name. */
  readonly aggregates?: ReadonlyMap<string, AggregateSignature>;
  /** The elements of a pattern, whose records an expression may ask, by number. */
  readonly elements?: readonly string[];
  /** What is known of a field's type, so that mistakes show when the file is loaded. Without it every field is `any`. */
  readonly types?: (path: FieldPath) => ValueType;
}

/** The scope with the built-in functions only. */
export const defaultScope: ExpressionScope = { functions: builtInFunctions };

/** The scope with a plugin's functions beside the built-in ones, which they cannot replace. */
export function scopeWith(functions: Iterable<ExpressionFunction>): ExpressionScope {
  const all = new Map([...functions].map((definition) => [definition.name, definition] as const));
  for (const [name, definition] of builtInFunctions) all.set(name, definition);
  return { functions: all };
}
