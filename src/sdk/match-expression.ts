import type { JsonObject, JsonValue } from '../record/json.ts';
import type { FieldPath } from '../record/path.ts';

/** What a match has taken, and the record that is looked at. */
export interface MatchView {
  /** Event time of the record in ms since 1970. */
  readonly time: number;
  /** The record's Kafka key. */
  readonly key: string | null;
  /** The value of the last record that the element of this number has taken. */
  last(element: number): JsonObject | undefined;
  /** The values of all records that it has taken, the last first. */
  taken(element: number): readonly JsonObject[];
}

/** The compiled form of an expression over a record and what a match has taken before it. */
export interface MatchExpression {
  /** Whether it asks what has been taken: else it is the same for all partial matches. */
  readonly iterative: boolean;
  /** The fields that it reads of the record that is looked at; a path without levels: all of it. */
  readonly own: readonly FieldPath[];
  /** Those that it reads of records that were taken. */
  readonly ofTaken: readonly FieldPath[];
  /** It never throws. */
  evaluate(value: JsonObject, match: MatchView): JsonValue | undefined;
}
