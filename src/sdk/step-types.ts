import type { FieldPath } from '../record/path.ts';
import type { CompiledOption } from './option.ts';
import type { FieldType, RecordType } from './types/index.ts';

/** What an option is evaluated against, where that is not the record as it comes to the step. */
export interface Against {
  readonly record?: RecordType;
  /** What rules out of `record` what the input may be, for messages: `by raise_when`. */
  readonly since?: string;
  /** The record is none of the stream's, so that no step of it sets its fields. */
  readonly foreign?: true;
  /** For expressions over a match: what is known of the records that elements have taken, by name. */
  readonly taken?: ReadonlyMap<string, RecordType>;
  /** For expressions over aggregates: the result as far as it is made. */
  readonly result?: RecordType;
}

/** How a step reads a field that an option names by its path. */
export interface Reading {
  /** Where in the options the path stands: `['fields', 0]`. */
  readonly at: readonly PropertyKey[];
  /** The values that the step takes. Absent: any. */
  readonly takes?: RecordType;
  /** Whether a record without the field goes on unchanged, so that one that no record has is a doubt and no error. */
  readonly optional?: boolean;
}

/** What is known of records by a condition. */
export interface ConditionTypes {
  /** Of those for which it is `true`. */
  readonly met: RecordType;
  /** Of all others. */
  readonly unmet: RecordType;
  /** By what is known, no record meets it: `met` is then what the condition says alone. */
  readonly never: boolean;
  /** By what is known, all records meet it: `unmet` is then what is said of them by that they do not. */
  readonly always: boolean;
}

/** What is known where a step stands, for a definition to say what it yields. What is wrong with an option is reported at its place. */
export interface StepTypes {
  /** The record's value before the step. */
  readonly input: RecordType;
  /** The value of a compiled option; of a `map` program the record behind it. Options that are not asked for are looked at against the input. */
  valueOf(option: CompiledOption, against?: Against): FieldType;
  /** The same for a condition, of which only `true` counts: what is known of records that meet it, and of the others. */
  condition(option: CompiledOption, against?: Against): ConditionTypes;
  /** The value of a field that the step reads. */
  read(field: FieldPath, reading: Reading): FieldType;
  /** Records of a topic that the step reads beside, such as a join. */
  topic(name: string): RecordType;
  /** Says which records the step sends to one of its `topics` itself. Of those that it does not say, they are the `input`. */
  sends(topic: string, records: RecordType): void;
}
