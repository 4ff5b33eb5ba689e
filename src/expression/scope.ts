import type { FieldPath } from '../record/path.ts';
import type { AggregateSignature } from '../sdk/aggregate-function.ts';
import type { RecordType } from '../sdk/types/index.ts';
import type { ExpressionFunction } from './functions/definition.ts';
import { builtInFunctions } from './functions/index.ts';

/** What the names in an expression mean. */
export interface ExpressionScope {
  /** The functions that may be called, by name. */
  readonly functions: ReadonlyMap<string, ExpressionFunction>;
  /** The aggregates that expressions over aggregates may call, by name. */
  readonly aggregates?: ReadonlyMap<string, AggregateSignature>;
  /** The elements of a pattern, whose records an expression may ask, by number. */
  readonly elements?: readonly string[];
  /** What is known of the records that they take, by name, where that is more than of all records. */
  readonly taken?: ReadonlyMap<string, RecordType>;
  /** What is known of the record, so that mistakes show when the file is loaded. Without it every field may be anything. */
  readonly record?: RecordType;
  /** What is known of the result of a group, as far as it is made, for expressions over aggregates. */
  readonly result?: RecordType;
  /** Whether reading what nothing is known of is an error, and what to do then. */
  readonly strict?: string;
  /** Says of a field that is not there yet what sets it later: `it is set by the step "map-2", which comes later`. */
  readonly later?: ((path: FieldPath) => string | undefined) | undefined;
  /** Says of a field that is of this type since when it is: `behind the step "filter-1"`. */
  readonly since?: ((path: FieldPath, type: RecordType) => string | undefined) | undefined;
}

/** The scope with the built-in functions only. */
export const defaultScope: ExpressionScope = { functions: builtInFunctions };

/** The scope with a plugin's functions beside the built-in ones, which they cannot replace. */
export function scopeWith(functions: Iterable<ExpressionFunction>): ExpressionScope {
  const all = new Map([...functions].map((definition) => [definition.name, definition] as const));
  for (const [name, definition] of builtInFunctions) all.set(name, definition);
  return { functions: all };
}
