import type { z } from 'zod';
import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import type { ByteWay } from '../record/byte-way.ts';
import type { JsonObject } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';
import type { Clock } from './clock.ts';
import { assertDefined, functionProblem, keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { StepTypes } from './step-types.ts';
import type { RecordType } from './types/index.ts';

/** What a step says of one record, where it does not simply go on to the next step. */
export type StepOutcome = Dropped | Rejected | Routed | Split;

/** The record leaves the stream here, on purpose (a filter). */
export interface Dropped {
  readonly kind: 'dropped';
}

/** The record cannot be processed: it becomes a dead letter (or what `on_error` says). */
export interface Rejected {
  readonly kind: 'rejected';
  readonly code: ErrorCode;
  readonly message: string;
}

/** The record leaves the stream here for another topic. */
export interface Routed {
  readonly kind: 'routed';
  readonly topic: string;
}

/**
 * The record becomes several here. Each goes on to the next step with one of the values, in their order, and fails by
 * itself; none at all is a record filtered out. The values are the step's no longer, and share nothing with each other.
 */
export interface Split {
  readonly kind: 'split';
  readonly values: readonly JsonObject[];
}

/** One operation on one record. `undefined`: the record goes on to the next step. It must not throw for bad data. */
export type RecordStep = (record: StreamRecord) => StepOutcome | undefined;

export interface StepContext {
  /** The stream's, source's or sink's name and the step's id, for messages. */
  readonly component: string;
  readonly id: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Numbers of the step's own, for `/metrics`. */
  readonly metrics: Metrics;
}

/** A mistake in options that their schema accepts. */
export interface OptionProblem {
  /** The option's path: `['compute', 'rate']`. */
  readonly path: readonly PropertyKey[];
  readonly code: ErrorCode;
  readonly message: string;
  /** Which part of the option's text it is, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  readonly suggestion?: string;
}

/** A kind of step: the only place where its options, their defaults and their documentation exist. */
export interface StepDefinition<Options = unknown> {
  /** Its key in a pipeline file: `parse`. */
  readonly kind: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly description?: string;
  /** The options' schema, every field described. */
  readonly options: z.ZodType<Options>;
  /**
   * How a scalar, a list, or a mapping in place of the options is read: the name of the main option (`parse: json` is
   * `parse: { format: json }`). `'*'`: the whole node is the option (`set`, `rename`: their mapping is the data).
   */
  readonly main?: string;
  /** Whether the step may change the value. Where no step does, the record's bytes pass through untouched. */
  readonly changesValue: boolean;
  /** Whether the step needs the decoded value at all. */
  readonly readsValue: boolean;
  /** Whether the step may make several records of one: it must say so, has `changesValue`, and has no place in a sink. */
  readonly splits?: boolean;
  /** Looks at what the schema cannot: options that depend on each other, and what compiled ones say. Called with everything compiled. */
  check?(options: Options): readonly OptionProblem[];
  /**
   * What is known of a record's value behind the step. Absent: what was known before it, or nothing, where the step may change the value.
   * It must hold for every record that goes on: what is not known for sure is `types.ANY`.
   */
  yields?(options: Options, known: StepTypes): RecordType;
  /** Topics that this step routes to, so that the graph knows its edges. */
  topics?(options: Options): readonly string[];
  /** Whether a step with `topics` routes every record, so that none goes on; absent: it does. */
  routesAll?(options: Options): boolean;
  /** Examples for the reference, as YAML of one step. */
  readonly examples: readonly string[];
  /** Called when the task starts, not when the file is checked: it may open files, and throws where it cannot. */
  create(options: Options, context: StepContext): RecordStep;
  /** The step's short way, where it has one with these options. It is used where the step is the only one of its task. */
  byteWay?(options: Options): ByteWay | undefined;
}

export const DROPPED: Dropped = { kind: 'dropped' };

/** The record is rejected, for the reason that the code's message gives. */
export function rejected(code: ErrorCode, parameters: ErrorParameters): Rejected {
  return { kind: 'rejected', code, message: errorMessage(code, parameters) };
}

/** The record is rejected, for a reason of the step's own: it becomes a dead letter that says so. */
export function reject(reason: string): Rejected {
  return rejected('PLUGIN_REJECTED', { reason });
}

/** Types a step's definition by its schema. */
export function defineStep<Options>(definition: StepDefinition<Options>): StepDefinition<Options> {
  const { kind, summary, options, create } = definition;
  assertDefined('step', kind, [
    ['kind', keyProblem(kind)],
    ['summary', textProblem(summary)],
    ['options', schemaProblem(options)],
    ['create', functionProblem(create)],
  ]);
  return marked('step', definition);
}
