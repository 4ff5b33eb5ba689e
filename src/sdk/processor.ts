import type { Observable, ObservableInput } from 'rxjs';
import type { z } from 'zod';
import { MillraceError } from '../errors/index.ts';
import type { JsonValue } from '../record/json.ts';
import type { Clock } from './clock.ts';
import { keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { KeyedState, Timer, Timers } from './keyed-state.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Grouping, StatefulFacet } from './operator.ts';
import type { NewRecord, ProcessorRecord } from './processor-record.ts';
import { parseDuration } from './schema.ts';
import type { StepDefinition } from './step.ts';
import type { StepTypes } from './step-types.ts';
import type { RecordType } from './types/index.ts';

const RETRY_FOR = '30s';
const TIMEOUT = '30s';
const MAX_ENTRIES = 1_000_000;
const MOST_ENTRIES = 100_000_000;

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
  /** Numbers of the processor's own, for `/metrics`. */
  readonly metrics: Metrics;
  /**
   * Aborted when what is under way is wanted no longer: its run has failed or taken too long, or the partition is another process's.
   * Ask for it in each call, and hand it on: `fetch(url, { signal: context.signal })`.
   */
  readonly signal: AbortSignal;
  /** A record that is made of no other: of a timer, or of many records. */
  record(record: NewRecord): ProcessorRecord;
}

/** An RxJS operator over records. */
export type ProcessorOperator = (records: Observable<ProcessorRecord>) => Observable<ProcessorRecord>;

/**
 * What comes of a record: records, in their order, or null: then it is gone, as with a filter. `undefined`, of a function that forgets to
 * return something, is a mistake and costs the record.
 */
export type Emitted = ProcessorRecord | readonly ProcessorRecord[] | null;

/** What `setup` gives in place of an operator: one of `process`, `each` and `batch`, and what else there is. */
export interface ProcessorWork {
  /**
   * Per micro-batch: called for each anew, with an Observable that completes at its end. What it returns must complete too, for the
   * commit waits for that. Continuous: called once for the life of an assignment.
   */
  readonly process?: ProcessorOperator;
  /** Called with each record. What comes of it goes on in the order of the records, however long each takes. */
  each?(record: ProcessorRecord): Emitted | PromiseLike<Emitted>;
  /** Called with the records of a micro-batch, of which there is at least one. Not in a continuous processor. */
  batch?(records: readonly ProcessorRecord[]): Emitted | PromiseLike<Emitted>;
  /** How many promises of `each` are waited for at a time: 16, where it is not said. */
  readonly concurrency?: number;
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
  /**
   * Called with each record; what it returns, or promises, goes on in the order of the records. The simplest way: give this, or
   * `batch`, or `setup`.
   */
  each?(record: ProcessorRecord, options: Options, context: ProcessorContext): Emitted | PromiseLike<Emitted>;
  /** Called with the records of a micro-batch, at most 4,096 of one partition. */
  batch?(records: readonly ProcessorRecord[], options: Options, context: ProcessorContext): Emitted | PromiseLike<Emitted>;
  /** How many promises of `each` are waited for at a time: 16, where it is not said. 1: one after the other. */
  readonly concurrency?: number;
  /** Called once for each partition: for state, timers, and RxJS operators. */
  setup?(options: Options, context: ProcessorContext): ProcessorOperator | ProcessorWork;
  /**
   * One subscription for the life of an assignment, at least once only: operators that keep records over time (bufferTime, debounceTime,
   * scan) work across micro-batches. `hold`: how long a record may be kept by them, such as `60s`; offsets are committed once older.
   */
  readonly continuous?: { readonly hold: string };
  /** For how long an error made by `retryable()` is tried again before the record is a dead letter. */
  readonly retryFor?: string;
  /**
   * For how long nothing may come of the records of a micro-batch, or of one that is tried by itself, before it is given up: `30s`
   * where it is not said. What holds the thread (an endless loop) cannot be interrupted. Not of a continuous processor.
   */
  readonly timeout?: string;
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
  readonly timeoutMs: number;
  readonly maxEntries: number;
  /** In a plugin: what it has thrown, as an error that names it. */
  faultOf?(error: unknown): MillraceError;
}

/** A kind of step that is an RxJS operator. Its `create` of an ordinary step is never called. */
export interface ProcessorDefinition<Options = unknown> extends StepDefinition<Options> {
  readonly processor: ProcessorFacet<Options>;
  /** It is planned, stored and restored as a step with state; the runtime makes its operator. Absent where it is continuous. */
  readonly state?: StatefulFacet<Options>;
}

/**
 * Defines a kind of step that takes records and gives records:
 *
 *     export const botScore = defineProcessor({
 *       kind: 'bot-score',
 *       summary: 'Scores the user agent.',
 *       options: z.strictObject({ threshold: z.number().describe('From which score on it is a bot.') }),
 *       each: async (record, { threshold }, { signal }) => {
 *         const score = await scoreOf(record.value, signal);
 *         return record.with({ value: { ...record.value, bot: score >= threshold } });
 *       },
 *     });
 *
 * With `setup` in place of `each` it has state and timers, or is an RxJS operator. Throws PROCESSOR_DEFINITION where something in it
 * cannot be.
 */
export function defineProcessor<Options>(specification: ProcessorSpecification<Options>): ProcessorDefinition<Options> {
  const { kind, summary, description, options, main, examples, continuous } = specification;
  const problem = problemOf(specification);
  if (problem !== undefined) throw wrong(kind, problem);
  const { maxEntries = MAX_ENTRIES, stateVersion = 1, retryFor = RETRY_FOR, timeout = TIMEOUT } = specification;
  return marked('step', {
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
      setup: (given, context) => workOf(specification, given, context),
      ...(continuous === undefined ? {} : { continuous: { holdMs: spanOf(kind, '"hold"', continuous.hold) } }),
      retryForMs: spanOf(kind, '"retryFor"', retryFor),
      timeoutMs: spanOf(kind, '"timeout"', timeout),
      maxEntries,
    },
    ...(continuous === undefined ? { state: stateOf(specification, stateVersion) } : {}),
  });
}

function problemOf<Options>(specification: ProcessorSpecification<Options>): string | undefined {
  const { kind, summary, options, maxEntries = MAX_ENTRIES, continuous, setup, each, batch, concurrency = 1 } = specification;
  if (keyProblem(kind) !== undefined) return 'a kind has small letters and digits, with - or _ between them';
  if (textProblem(summary) !== undefined) return '"summary" must be a text';
  if (schemaProblem(options) !== undefined) return '"options" must be a Zod schema: z.strictObject({}) where there are none';
  const ways = [setup, each, batch].filter((way) => way !== undefined);
  if (ways.length !== 1 || typeof ways[0] !== 'function') return 'it needs one function of "each", "batch" and "setup"';
  if (continuous !== undefined && batch !== undefined) return '"batch" is of a micro-batch, and "continuous" knows none';
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) return '"concurrency" must be a whole number of 1 or more';
  if (!(maxEntries >= 1 && maxEntries <= MOST_ENTRIES)) return `"maxEntries" must be from 1 to ${MOST_ENTRIES}`;
  return undefined;
}

/** What is done with the records of a partition. */
function workOf<Options>(
  specification: ProcessorSpecification<Options>,
  options: Options,
  context: ProcessorContext,
): ProcessorWork {
  const { setup, each, batch, concurrency } = specification;
  const bound = concurrency === undefined ? {} : { concurrency };
  if (each !== undefined) return { each: (record) => each.call(specification, record, options, context), ...bound };
  if (batch !== undefined) return { batch: (records) => batch.call(specification, records, options, context) };
  const work = setup?.call(specification, options, context);
  if (typeof work === 'function') return { process: work };
  if (typeof work === 'object' && work !== null) return work;
  throw wrong(specification.kind, `setup must return an operator or an object, and has returned ${String(work)}`);
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
