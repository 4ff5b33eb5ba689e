import type { JsonObject, JsonValue } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';

/** The accumulators of one group in one window, one for each aggregate that the computation names. */
export type Accumulators = unknown[];

/** What an aggregate has left out since the process started, because it was of a type or size that it does not take. */
export interface LeftOut {
  /** The aggregate as it is written: `sum(price)`. */
  readonly call: string;
  /** What it takes: `numbers`. */
  readonly takes: string;
  readonly count: number;
}

/** What a step computes over the records of a group: the compiled form of `compute`. */
export interface Aggregation {
  /** For no records yet. */
  create(): Accumulators;
  /** Adds a record whose event time is `time` (ms): in place. */
  add(accumulators: Accumulators, record: StreamRecord, time: number): void;
  /** Adds what `from` has gathered; `from` is left as it is. The result does not depend on the order, but where an aggregate says so. */
  merge(into: Accumulators, from: Accumulators): void;
  /** A copy that shares nothing that `add` or `merge` would change. */
  clone(accumulators: Accumulators): Accumulators;
  /** The form in which the state is stored: JSON, read by `decode`. A format. */
  encode(accumulators: Accumulators): JsonValue;
  /** Throws where `stored` is no such form. */
  decode(stored: JsonValue): Accumulators;
  /**
   * Sets the computed fields in `result`, which holds the group's fields and `window` already, so that arithmetic may name them
   * and fields computed before. What cannot be computed (the average of nothing) is left out, and what stands in its place is deleted.
   */
  results(accumulators: Accumulators, result: JsonObject): void;
  /**
   * What the aggregates leave out beside missing and null values, over all groups, for a warning: the counts go up while records are
   * added, also for records that are added again after a rollback.
   */
  readonly leftOut?: readonly LeftOut[];
  /** What the form of the accumulators depends on, for the state's fingerprint. */
  readonly fingerprint: JsonValue;
}
