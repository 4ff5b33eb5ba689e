import type { z } from 'zod';
import type { JsonObject, JsonValue } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Rejected, Routed, StepDefinition } from './step.ts';

/** No event time has been seen yet: every watermark begins here. */
export const NO_WATERMARK = Number.NEGATIVE_INFINITY;

/** What a stateful step says of a record: it goes on (`undefined`), is part of the state now, or leaves the stream. */
export type OperatorOutcome = Absorbed | Rejected | Routed | { readonly kind: 'dropped' };

/** The record has gone into the step's state; what comes of it is emitted in its time. */
export interface Absorbed {
  readonly kind: 'absorbed';
}

export const ABSORBED: Absorbed = { kind: 'absorbed' };

/** A record that a step makes of others. It goes on to the steps behind. */
export interface Derived {
  /** Null: a tombstone. What had the id in the header `millrace.id` before is void: merged into another result, or ruled out. */
  readonly value: JsonObject | null;
  /** Its Kafka key; null: none, and it stays in the partition's number. */
  readonly key: string | null;
  /** The key's bytes, where they are known and may be no text: they count, and not `key`. */
  readonly keyBytes?: Uint8Array;
  /** Event time in ms since 1970. Its value's `@timestamp`, where it has one, says the same. */
  readonly time: number;
  /** Its headers, packed as in `encodeHeaders`. */
  readonly headers: Uint8Array;
}

/** Which input of a step a record comes from: the stream itself, or the stream that a join names. */
export type InputSide = 'main' | 'joined';

/** What a record means to a step with state. One object serves all records. */
export interface RecordTime {
  /** Event time in ms since 1970. */
  readonly time: number;
  /**
   * The watermark of the record's own partition before this record: it alone judges whether the record is late, so that the
   * verdict does not depend on how partitions interleave (DESIGN.md 4.3).
   */
  readonly watermark: number;
  readonly side: InputSide;
}

/** The counters of a step with windows, over (record, window) pairs: pairs = assigned + lateKept + lateRouted + lateDropped + gapDropped. */
export interface WindowCounters {
  pairs: number;
  assigned: number;
  /** Taken into a window that had been emitted already, within `keep`. */
  lateKept: number;
  /** Late, and gone to a topic or the dead letters. */
  lateRouted: number;
  lateDropped: number;
  /** In no window at all: between two hopping windows that leave gaps. Counts as one pair. */
  gapDropped: number;
}

/** Where a step writes its changed state, once a micro-batch. Keys are the texts of JSON lists (`["a",0]`). */
export interface Changelog {
  put(key: string, value: string): void;
  remove(key: string): void;
}

/** The last value of each key of a table's topic, as a join sees it: of the partition that belongs to the operator's. */
export interface TableView {
  /** The value of `key`, the caller's own: a step may change it. `undefined` where the table has no such key. */
  get(key: string): JsonValue | undefined;
}

/** The topic of a table, and how much of it is taken into memory. */
export interface TableSource {
  readonly topic: string;
  /** Keys a partition; more are an error, for a table with keys left out would give wrong answers. */
  readonly maxKeys: number;
}

export interface OperatorContext {
  /** The pipeline's, stream's and step's name, for ids of results and messages. */
  readonly pipeline: string;
  readonly component: string;
  readonly id: string;
  /** Raised by `millrace reset`, so that results of a new life replace those of the old (DESIGN.md 4.9). */
  readonly generation: number;
  /** The state's partition. */
  readonly partition: number;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Whether no record can come before one of an earlier time without being late: `wait` is 0, the records are of one partition, and
   * steps with state before this one keep their order.
   */
  readonly inOrder?: boolean;
  readonly counters: WindowCounters;
  /** Sends a record on to the next step, at once. */
  readonly emit: (derived: Derived) => void;
  /** Counts a record that the step had taken and that goes no further, on purpose. */
  readonly drop?: () => void;
  /** Whether the micro-batch at work holds as much as it should. Absent: it has no bound. */
  readonly isFull?: () => boolean;
  /** The table of a step with one, caught up before the first record. */
  readonly table?: TableView;
}

/**
 * A step with state, at work on one partition of its input. All of its methods are synchronous and called one at a time.
 *
 * Two micro-batches may be on their way at once: one commits while the next is processed. Changes are made in place, and an
 * operator remembers what they replaced until they are committed: `flush` ends a micro-batch, `commit` says that the oldest
 * one that was flushed is durable, `rollback` takes back everything that is not (the micro-batch at work and all that were flushed).
 * What it emitted for them is then taken back by its caller.
 */
export interface PartitionOperator {
  /** A record, in the order of its partition. */
  process(record: StreamRecord, at: RecordTime): OperatorOutcome | undefined;
  /** Event time has come to `watermark` (only ever forward): everything that is complete by it is emitted, in the order of time. */
  advance(watermark: number): void;
  /**
   * Where the last `advance` has stopped because the micro-batch is full (`isFull` of the context): what is complete by this time has been
   * emitted. It is called again in the next micro-batch, and an operator that is restored meanwhile is told this time. Undefined, or
   * absent: it was through.
   */
  readonly stoppedAt?: number | undefined;
  /** Wall-clock time in ms since 1970, at the end of each micro-batch and at least every second: for results that are due by it. */
  tick(now: number): void;
  /** The micro-batch ends: emits what is emitted once a micro-batch, then writes all changed state. */
  flush(changes: Changelog): void;
  commit(): void;
  rollback(): void;
  /** A record of the changelog, oldest first, before any other call; `null`: it was removed. */
  restore(key: string, value: string | null): void;
  /** All of it has been restored; `watermark` is what event time had come to when it was written. */
  restored(watermark: number): void;
  /** The end of a bounded run: emits all that is open, as early results, without changing any state. */
  emitOpen(): void;
  /** Entries held, for metrics. */
  readonly size: number;
}

/** How records must be spread over partitions for a step: those that belong together are in one. */
export type Grouping =
  /** By their Kafka key. */
  | { readonly by: 'key' }
  /** By values of the record. `texts` are the expressions, to find out whether a topic is spread by them already. */
  | {
      readonly by: 'values';
      readonly texts: readonly string[];
      /** The Kafka key that stands for the record's values (see `groupKey`). */
      readonly keyOf: (record: StreamRecord) => string | null;
    }
  /** All together, in one partition. */
  | { readonly by: 'nothing' };

/** What a step with state adds to a step's definition. */
export interface StatefulFacet<Options> {
  /** By which values the records of an input must be together. */
  grouping(options: Options, side: InputSide): Grouping;
  /** What the state's form depends on: after a change of it, what is stored cannot be used any more. */
  fingerprint(options: Options): JsonValue;
  create(options: Options, context: OperatorContext): PartitionOperator;
  /**
   * The first half of a step that can be done before records are brought together: it emits partial results at each `flush`, and
   * `create` is then given these (`final` in its place). Without state of its own.
   */
  preaggregate?(options: Options): { readonly partial: OperatorFactory; readonly final: OperatorFactory } | undefined;
  /** The stream topic that a join reads beside the stream itself; undefined: with these options it reads none. */
  joins?(options: Options): string | undefined;
  /** The option by which results are emitted more than once, or taken back; undefined: with these options each is final. */
  revises?(options: Options): string | undefined;
  /** Whether it sends on nothing but the records that it gets, in the order of event time. */
  readonly keepsOrder?: boolean;
  /** The table that a join looks up: the last record of each key of a topic; undefined: with these options it looks up none. */
  table?(options: Options): TableSource | undefined;
}

export type OperatorFactory = (context: OperatorContext) => PartitionOperator;

/** A kind of step with state. Its `create` of a stateless step is never called. */
export interface StatefulStepDefinition<Options = unknown> extends StepDefinition<Options> {
  readonly state: StatefulFacet<Options>;
}

/** Types a stateful step's definition by its schema. */
export function defineStatefulStep<Options>(
  definition: Omit<StatefulStepDefinition<Options>, 'create' | 'options'> & { readonly options: z.ZodType<Options> },
): StatefulStepDefinition<Options> {
  return {
    ...definition,
    create() {
      throw new Error(`the step ${definition.kind} has state and is not created as one without`);
    },
  };
}

export function isStateful(definition: StepDefinition): definition is StatefulStepDefinition {
  return 'state' in definition;
}
