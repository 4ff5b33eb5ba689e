import type { z } from 'zod';
import type { ErrorCode } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { JsonValue } from '../record/json.ts';
import type { Clock } from './clock.ts';
import { assertDefined, functionProblem, keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { RehearsalPlace, SourceRehearsal } from './rehearsal.ts';
import type { RecordType } from './types/index.ts';

/**
 * Where a source stands in each of its inputs (a file's identity and its byte offset, ...), by a key of the source's
 * own choosing. A value of null forgets the input.
 */
export type Positions = Readonly<Record<string, JsonValue | null>>;

/** What goes with emitted records. */
export interface EmitOptions {
  /** Where the source stands once these records are in Kafka: stored in the same transaction. */
  readonly positions?: Positions;
  /**
   * Records without a key and with partition -1 go to one partition chosen by this text (a file's identity), so that
   * an input's records stay in order. Without it the partitioner spreads them.
   */
  readonly spread?: string;
}

/**
 * Hands records on. Settles when the transaction that holds them and their positions has committed: it is
 * acknowledgement and backpressure in one. Several emits may be in flight; they commit in their order. The runtime
 * copies the batch before this returns, so its memory may be used again at once. Topic numbers in the batch are ignored.
 * An emit of an empty batch stores positions only.
 */
export type Emit = (records: RecordBatch, options?: EmitOptions) => Promise<void>;

export interface SourceContext {
  /** The positions committed last. */
  readonly positions: ReadonlyMap<string, JsonValue>;
  /** Aborted when the source is to end: it stops reading, awaits its emits in flight and returns. */
  readonly signal: AbortSignal;
  /** True where the run ends with the input (`--once`): read what is there, then return. */
  readonly once: boolean;
  readonly host: string;
  /**
   * Settles when the next emit need not wait for those before it to be written, or when one of them has failed. For a source that
   * reads as fast as Kafka takes it: many emits may be in flight, and several micro-batches of them commit together. A source that
   * awaits its emits, or bounds how many are in flight, need not ask.
   */
  readonly room: () => Promise<void>;
  /** Counts bytes of an input that were gone before they could be read, for metrics. The source says in its log which they were. */
  readonly lost: (bytes: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Numbers of the source's own, for `/metrics`. */
  readonly metrics: Metrics;
}

/** Puts records into a topic. */
export interface Source {
  /** Runs until its input ends (bounded), or the signal ends it. A throw makes the runtime start it again, with backoff. */
  run(emit: Emit, context: SourceContext): Promise<void>;
  /** Frees what it holds. Idempotent, and safe before `run`. */
  close(): Promise<void>;
}

/** Something in options that is allowed and likely a mistake. */
export interface Doubt {
  /** Where in the options it is: keys and indices. */
  readonly path: readonly PropertyKey[];
  readonly code: ErrorCode;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** A source connector: the only place where its options, their defaults and their documentation exist. */
export interface SourceDefinition<Config = unknown> {
  readonly type: string;
  readonly summary: string;
  readonly description?: string;
  readonly config: z.ZodType<Config>;
  /** The option that a scalar or a list in place of the options is (`file: /var/log/*.log`). */
  readonly main?: string;
  readonly examples: readonly string[];
  /** What in valid options is likely a mistake: a warning each. Pure. */
  doubts?(config: Config): readonly Doubt[];
  /** What is known of the values of its records. Absent: nothing. */
  yields?(config: Config): RecordType;
  /** Pure: opens nothing. */
  create(config: Config): Source;
  /** For tests of pipelines: the source with inputs of the test's own. Absent: it can only run as it is. */
  rehearse?(config: Config, place: RehearsalPlace): SourceRehearsal;
}

/** Types a source's definition by its schema. */
export function defineSource<Config>(definition: SourceDefinition<Config>): SourceDefinition<Config> {
  const { type, summary, config, create } = definition;
  assertDefined('source', type, [
    ['type', keyProblem(type)],
    ['summary', textProblem(summary)],
    ['config', schemaProblem(config)],
    ['create', functionProblem(create)],
  ]);
  return marked('source', definition);
}
