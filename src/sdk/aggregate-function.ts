import type { JsonObject, JsonValue } from '../record/json.ts';
import type { FieldPath } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import type { RecordType } from './types/index.ts';
import type { ValueType } from './value-type.ts';

export interface AggregateParameter {
  readonly name: string;
  readonly type: ValueType;
  /** It is a number that is written out, the same for all records. */
  readonly constant?: true;
  /** It may be left out. */
  readonly optional?: true;
}

/** How an aggregate is called, for the compiler of expressions and for the reference. */
export interface AggregateSignature {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly parameters: readonly AggregateParameter[];
  readonly returns: ValueType;
  /** What is known of the result, by what is known of the value, where that is more than `returns` says. */
  yields?(value: RecordType): RecordType;
  /** There is a result also of no records. */
  readonly always?: true;
  /** Looks at the constants when a file is loaded. Returns what is wrong. */
  check?(constants: readonly number[]): string | undefined;
}

/** What an aggregate is given of each record. */
export interface AggregateInput {
  /** The expression, written in one way only: inputs with the same text are the same. */
  readonly text: string;
  readonly evaluate: (record: StreamRecord) => JsonValue | undefined;
}

/** The call of an aggregate: `quantile(event.duration, 0.99)`. */
export interface AggregateCall {
  readonly name: string;
  /** As it is written in the file. */
  readonly text: string;
  readonly inputs: readonly AggregateInput[];
  readonly constants: readonly number[];
}

/** A field of the result that an aggregate expression names outside of aggregates, and where in its text. */
export interface ResultName {
  readonly path: FieldPath;
  readonly offset: number;
  readonly length: number;
}

/** The compiled form of an aggregate expression, such as `round(sum(price) / count(), 2)`. */
export interface AggregateExpression {
  readonly calls: readonly AggregateCall[];
  readonly names: readonly ResultName[];
  /** The value, from what the calls gave, in their order, and the result as far as it is made. It never throws. */
  evaluate(given: readonly (JsonValue | undefined)[], result: JsonObject): JsonValue | undefined;
}
