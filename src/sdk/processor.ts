import type { Observable, ObservableInput } from 'rxjs';
import type { z } from 'zod';
import { MillraceError } from '../errors/index.ts';
import type { JsonValue } from '../record/json.ts';
import type { Clock } from './clock.ts';
import type { KeyedState, Timer, Timers } from './keyed-state.ts';
import type { Logger } from './logger.ts';
import type { Grouping, StatefulFacet } from './operator.ts';
import type { NewRecord, ProcessorRecord } from './processor-record.ts';
import { parseDuration } from './schema.ts';
import type { StepDefinition } from './step.ts';
import type { StepTypes } from './step-types.ts';
import type { RecordType } from './types/index.ts';

const RETRY_FOR = '30s';
const MAX_ENTRIES = 1_000_000;
const MOST_ENTRIES = 100_000_000;
const KIND = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;

/** What a processor is given when it is set up: once for each partition that it works on. */
export interface ProcessorContext {
  readonly pipeline: string;
  /** The stream's name, and the step's id in it. */
  readonly component: string;
  readonly id: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** What is remembered beyond a micro-batch. Not there in a continuous processor. */
  readonly state: KeyedState;
  /** Not there in a continuous processor. */
  readonly timers: Timers;
  /** A record that is made of no other: of a timer, or of many records. */
  record(record: NewRecord): ProcessorRecord;
}

/** An RxJS operator over records. */
export type ProcessorOperator = (records: Observable<ProcessorRecord>) => Observable<ProcessorRecord>;

/** What `setup` gives: the operator alone, or with what else there is. */
export interface ProcessorWork {
  /**
   * Per micro-batch: called for each anew, with an Observable that completes at its end. What it returns must complete too, for the
   * commit waits for that. Continuous: called once for the life of an assignment.
   */
  readonly process: ProcessorOperator;
  /** A timer is due. What it returns is emitted; state may be changed. */
  onTimer?(timer: Timer): ObservableInput<ProcessorRecord> | undefined;
  /** The partition goes to another process, or the task ends: frees what `setup` has opened. */
  close?(): void;
}

/** A processor as its author writes it. */
export interface ProcessorSpecification<Options> {
  /** Its key in a pipeline file: `bot-score`. */
  readonly kind: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly description?: string;
  /** The options' schema, every field described. */
  readonly options: z.ZodType<Options>;
  /** The name of the main option: see `main` of a step. */
  readonly main?: string;
  readonly examples?: readonly string[];
  /** What is known of the values of the records that it emits: see `yields` of a step. Absent: nothing. */
  yields?(options: Options, known: StepTypes): RecordType;
  setup(options: Options, context: ProcessorContext): ProcessorOperator | ProcessorWork;
  /**
   * One subscription for the life of an assignment, at least once only: operators that keep records over time (bufferTime, debounceTime,
   * scan) work across micro-batches. `hold`: how long a record may be kept by them, such as `60s`; offsets are committed once older.
   */
  readonly continuous?: { readonly hold: string };
  /** For how long an error made by `retryable()` is tried again before the record is a dead letter. */
  readonly retryFor?: string;
  /** The most entries of state and timers that a partition may hold. */
  readonly maxEntries?: number;
  /**
   * How records must be spread over partitions for the state to be right. Without it by their Kafka key: the state's keys are then
   * `record.key`, or finer.
   */
  grouping?(options: Options): Grouping;
  /** What the form of the state depends on: raise it when stored values would be read wrongly. */
  readonly stateVersion?: number;
}

/** What a processor adds to a step's definition, for the runtime. */
export interface ProcessorFacet<Options> {
  setup(options: Options, context: ProcessorContext): ProcessorWork;
  /** Absent: per micro-batch. */
  readonly continuous?: { readonly holdMs: number };
  readonly retryForMs: number;
  readonly maxEntries: number;
}

/** A kind of step that is an RxJS operator. Its `create` of an ordinary step is never called. */
export interface ProcessorDefinition<Options = unknown> extends StepDefinition<Options> {
  readonly processor: ProcessorFacet<Options>;
  /** It is planned, stored and restored as a step with state; the runtime makes its operator. Absent where it is continuous. */
  readonly state?: StatefulFacet<Options>;
}

/**
 * Defines a kind of step by an RxJS operator:
 *
 *     export const botScore = defineProcessor({
 *       kind: 'bot-score',
 *       summary: 'Scores the user agent.',
 *       options: z.strictObject({ threshold: z.number().describe('From which score on it is a bot.') }),
 *       setup: ({ threshold }) => (records) =>
 *         records.pipe(
 *           mergeMap(async (record) => {
 *             const score = await scoreOf(record.value);
 *             return record.with({ value: { ...record.value, bot: score >= threshold } });
 *           }, 16),
 *         ),
 *     });
 *
 * Throws PROCESSOR_DEFINITION where something in it cannot be.
 */
export function defineProcessor<Options>(specification: ProcessorSpecification<Options>): ProcessorDefinition<Options> {
  const { kind, summary, description, options, main, examples, continuous } = specification;
  if (!KIND.test(kind)) throw wrong(kind, 'a kind has small letters and digits, with - or _ between them');
  const { maxEntries = MAX_ENTRIES, stateVersion = 1, retryFor = RETRY_FOR } = specification;
  if (!(maxEntries >= 1 && maxEntries <= MOST_ENTRIES)) throw wrong(kind, `"maxEntries" must be from 1 to ${MOST_ENTRIES}`);
  return {
    kind,
    summary,
    ...(description === undefined ? {} : { description }),
    options,
    ...(main === undefined ? {} : { main }),
    changesValue: true,
    readsValue: true,
    examples: examples ?? [],
    ...(specification.yields === undefined ? {} : { yields: specification.yields.bind(specification) }),
    create() {
      throw new Error(`the step ${kind} is a processor and is not created as an ordinary step`);
    },
    processor: {
      setup(given, context) {
        const work = specification.setup(given, context);
        return typeof work === 'function' ? { process: work } : work;
      },
      ...(continuous === undefined ? {} : { continuous: { holdMs: spanOf(kind, '"hold"', continuous.hold) } }),
      retryForMs: spanOf(kind, '"retryFor"', retryFor),
      maxEntries,
    },
    ...(continuous === undefined ? { state: stateOf(specification, stateVersion) } : {}),
  };
}

function stateOf<Options>({ kind, grouping }: ProcessorSpecification<Options>, version: number): StatefulFacet<Options> {
  return {
    grouping: (options) => grouping?.(options) ?? { by: 'key' },
    fingerprint: (): JsonValue => ['processor', kind, version],
    create() {
      throw new Error(`the operator of the processor ${kind} is made by the runtime`);
    },
  };
}

export function isProcessor(definition: StepDefinition): definition is ProcessorDefinition {
  return 'processor' in definition;
}

function spanOf(kind: string, what: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw wrong(kind, `${what} must be a span with its unit, such as 60s, and is ${JSON.stringify(text)}`);
  return ms;
}

function wrong(kind: string, reason: string): MillraceError {
  return new MillraceError('PROCESSOR_DEFINITION', { kind: JSON.stringify(kind), reason });
}
