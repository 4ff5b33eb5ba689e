import type { z } from 'zod';
import type { ErrorCode } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { Clock } from './clock.ts';
import { assertDefined, functionProblem, keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Outcomes } from './outcomes.ts';
import type { SinkRehearsal, SinkRehearsalContext } from './rehearsal.ts';

/** Why a record was not delivered. */
export interface DeliveryError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a sink is given to deliver at once. */
export interface SinkBatch {
  /**
   * The records after the sink's steps. Columns topic, partition, offset and timestamp are the origin's (the topic
   * that the sink reads, or, for a replayed dead letter, the one it first came from). Valid until `write` settles.
   */
  readonly records: RecordBatch;
  /**
   * An id that the same record of the same topic always gets, and no other record gets: safe to create a document by.
   * At most 64 characters of `A-Za-z0-9_-`.
   */
  id(i: number): string;
}

/** Delivers records to a destination. It classifies; the runtime retries, splits, dead-letters and counts. */
export interface Sink {
  /** Connects. The runtime repeats it with backoff. */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Delivers the batch and says in `outcomes` what became of each record; one without an outcome is unknown and is sent
   * again. Several writes may be in flight. A throw leaves all of the batch unknown.
   */
  write(batch: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void>;
  /**
   * Where order matters for what records have in common (a document that they change): its name, for each record, or
   * `undefined` for one that may pass the others; `undefined` as a whole where all may. Records of one name are written
   * one at a time, in the order in which they were read, and none before the one ahead of it is settled.
   */
  orderKeys?(records: RecordBatch): readonly (string | undefined)[] | undefined;
  /** Looks whether the destination answers, for `doctor`. Needs no permission that `write` does not. Returns what to show. */
  probe?(signal: AbortSignal): Promise<string>;
  /** Frees what it holds. Idempotent, and safe before `open`. */
  close(): Promise<void>;
}

export interface SinkContext {
  /** The sink's name in its pipeline. */
  readonly name: string;
  readonly pipeline: string;
  /** The name of this machine in the settings. */
  readonly host: string;
  /** Only looked at (`doctor`): nothing is to be changed at the destination. */
  readonly probing: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Numbers of the sink's own, for `/metrics`. */
  readonly metrics: Metrics;
}

/** A sink connector: the only place where its options, their defaults and their documentation exist. */
export interface SinkDefinition<Config = unknown> {
  readonly type: string;
  readonly summary: string;
  readonly description?: string;
  readonly config: z.ZodType<Config>;
  readonly main?: string;
  readonly examples: readonly string[];
  /** Bounds of one write, where the pipeline does not say. */
  readonly batch: { readonly records: number; readonly bytes: number };
  /** Writes in flight, where the pipeline does not say. 1 where order matters. */
  readonly concurrency: number;
  /** What makes its delivery effectively-once, or why it is not: shown by `graph` and the reference. */
  readonly delivery: 'effectively_once' | 'at_least_once';
  /**
   * The option with which the destination only ever takes new records, and replaces and deletes none, so that results that are revised
   * are refused when a pipeline is loaded; and what to write in its place. Undefined: it does replace.
   */
  onlyCreates?(config: Config): { readonly option: string; readonly mend: string } | undefined;
  /** Pure: opens nothing. */
  create(config: Config, context: SinkContext): Sink;
  /** For tests of pipelines: the sink with a destination in memory. Absent: what it would be given to deliver is looked at. */
  rehearse?(config: Config, context: SinkRehearsalContext): SinkRehearsal;
}

/** Types a sink's definition by its schema. */
export function defineSink<Config>(definition: SinkDefinition<Config>): SinkDefinition<Config> {
  const { type, summary, config, create } = definition;
  assertDefined('sink', type, [
    ['type', keyProblem(type)],
    ['summary', textProblem(summary)],
    ['config', schemaProblem(config)],
    ['batch', batchProblem(definition.batch)],
    [
      'concurrency',
      Number.isInteger(definition.concurrency) && definition.concurrency > 0 ? undefined : 'must be a whole number of 1 or more',
    ],
    ['delivery', DELIVERIES.includes(definition.delivery) ? undefined : `must be ${DELIVERIES.join(' or ')}`],
    ['create', functionProblem(create)],
  ]);
  return marked('sink', definition);
}

const DELIVERIES = ['effectively_once', 'at_least_once'];

function batchProblem(batch: unknown): string | undefined {
  const { records, bytes } = (batch ?? {}) as Partial<Record<string, unknown>>;
  return typeof records === 'number' && records >= 1 && typeof bytes === 'number' && bytes >= 1
    ? undefined
    : 'must be { records, bytes }: the bounds of one write';
}
