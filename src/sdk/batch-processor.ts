import type { ErrorCode } from '../errors/index.ts';
import type { Changelog } from './operator.ts';
import type { ProcessorRecord } from './processor-record.ts';

/** A record for a processor. */
export interface ProcessorArrival {
  readonly record: ProcessorRecord;
  /** The watermark once this record is processed, in ms: timers that are due by it come before the next record. */
  readonly watermark: number;
}

export interface ProcessorInput {
  readonly arrivals: readonly ProcessorArrival[];
  /** What event time has come to behind all of them, in ms. */
  readonly watermark: number;
  /** Wall-clock time in ms since 1970. */
  readonly now: number;
}

/** A record that the processor could not process: a dead letter, or what `on_error` says. */
export interface RejectedRecord {
  /** Where it failed at a timer, a record that was made to tell of it: its offset is -1. */
  readonly record: ProcessorRecord;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface ProcessorOutput {
  /** In the order in which they were emitted. Their `source` is that of the record that they are made of, `undefined` for none. */
  readonly outputs: readonly ProcessorRecord[];
  readonly rejected: readonly RejectedRecord[];
}

/**
 * A processor at work on one partition, one micro-batch after another. Beside `process`, which is asynchronous, it is to its owner as
 * a `PartitionOperator` is: `flush` ends a micro-batch, `commit` says that the oldest that was flushed is durable, `rollback` takes back
 * all that is not. None of these is called while `process` is under way.
 */
export interface BatchProcessor {
  /**
   * Processes records, in the order of their partition; called one at a time, and as often as there is need within a micro-batch. It
   * does not reject for bad data, and rejects with the signal's reason, with all taken back that this call had changed, once that is
   * aborted.
   */
  process(input: ProcessorInput, signal: AbortSignal): Promise<ProcessorOutput>;
  /** Whether `process` without records would do anything: a timer or the life of an entry is over. */
  isDue(watermark: number, now: number): boolean;
  flush(changes: Changelog): void;
  commit(): void;
  rollback(): void;
  /** A record of the changelog, oldest first, before any other call; `null`: it was removed. */
  restore(key: string, value: string | null): void;
  restored(watermark: number): void;
  /** Entries and timers held, for metrics. */
  readonly size: number;
  /** Frees what the processor has opened. Idempotent. */
  close(): void;
}

/** What a continuous processor has emitted since it was asked last. */
export interface ContinuousOutput extends ProcessorOutput {
  /**
   * Up to where the offset of the partition may be committed when all outputs so far, these among them, are acknowledged: the
   * first offset that must be read again after a crash; `undefined`: no offset may move.
   */
  readonly offset: number | undefined;
}

/** A continuous processor at work on one partition, for the life of an assignment. */
export interface ContinuousProcessor {
  /**
   * Gives it records, in the order of their partition; `end` is the offset behind the last one read, whether it is among them or was
   * left out before. Throws PROCESSOR_FAILED where it has failed: then `restart`, and read again.
   */
  feed(records: readonly ProcessorRecord[], end: number): void;
  /** Whether as many offsets are waiting as may be: feed nothing until offsets have been committed. */
  readonly full: boolean;
  /** Whether there is anything to take: also that it has failed. */
  readonly hasNews: boolean;
  /** Takes what it has emitted. Throws PROCESSOR_FAILED where it has failed. */
  take(): ContinuousOutput;
  /** Ends the input, and settles when what was buffered is emitted: take it, and then all offsets may be committed. */
  complete(signal: AbortSignal): Promise<void>;
  /** Begins anew, for input that is read again from the committed offset. What was not taken is dropped. */
  restart(): void;
  close(): void;
}
