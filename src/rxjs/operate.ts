import { Observable } from 'rxjs';
import { MillraceError } from '../errors/index.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { copyOf } from '../record/copy.ts';
import type { JsonObject } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { type InputSide, NO_WATERMARK, type OperatorContext, type PartitionOperator } from '../sdk/operator.ts';
import { ProcessorRecord } from '../sdk/processor-record.ts';
import type { At } from './options.ts';
import { millisOf } from './span.ts';

/** After so many records what an operator remembers for the sake of going back is forgotten. */
const SETTLE_EVERY = 256;
const NOWHERE = { put: () => undefined, remove: () => undefined };

/** What all operators over event time have in common. */
export interface TimeOptions {
  /** How much later than a record with a later time a record may come without being late, such as `30s`; without it 0. */
  readonly wait?: string;
  /** Told of each record that is refused: late, or beyond a bound. Without it late records are dropped, and a bound is an error. */
  readonly refused?: (record: ProcessorRecord, reason: { readonly code: string; readonly message: string }) => void;
  /** Names the step in the ids of results (`millrace.id`); needed only where results of several meet. */
  readonly id?: string;
  readonly clock?: Clock;
}

export interface Operated extends TimeOptions {
  /** `emit: 'update'`: results are emitted with each record. */
  readonly everyRecord?: boolean;
  readonly create: (context: OperatorContext, at: At) => PartitionOperator;
}

/**
 * Runs the operator of a step over Observables of records: the stream itself, and the one that it is joined with. Each has a watermark,
 * its latest time - `wait` - 1; event time is the lesser of them, and what has completed holds nothing back. When all have, what is open
 * is emitted as early results.
 */
export function operate(
  inputs: readonly (readonly [InputSide, Observable<ProcessorRecord>])[],
  operated: Operated,
): Observable<ProcessorRecord> {
  return new Observable((subscriber) => {
    const run = new OperatorRun(operated, (record) => subscriber.next(record));
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        subscriber.error(error);
      }
    };
    let open = inputs.length;
    for (const [side] of inputs) run.open(side);
    for (const [side, input] of inputs) {
      subscriber.add(
        input.subscribe({
          next: (record) => guarded(() => run.next(record, side)),
          error: (error) => subscriber.error(error),
          complete: () =>
            guarded(() => {
              run.complete(side);
              open -= 1;
              if (open > 0) return;
              run.end();
              subscriber.complete();
            }),
        }),
      );
    }
  });
}

class OperatorRun {
  readonly #operated: Operated;
  readonly #wait: number;
  readonly #at: At = { record: NO_RECORD };
  readonly #operator: PartitionOperator;
  readonly #send: (record: ProcessorRecord) => void;
  readonly #cursor = new StreamRecord();
  readonly #row = new BatchBuilder();
  /** The watermark of each input that has not completed. */
  readonly #watermarks = new Map<InputSide, number>();
  #watermark = NO_WATERMARK;
  #sinceSettled = 0;

  constructor(operated: Operated, send: (record: ProcessorRecord) => void) {
    this.#operated = operated;
    this.#wait = millisOf('wait', operated.wait ?? '0s');
    this.#send = send;
    this.#operator = operated.create(this.#context(), this.#at);
    this.#operator.restored(NO_WATERMARK);
  }

  open(side: InputSide): void {
    this.#watermarks.set(side, NO_WATERMARK);
  }

  next(record: ProcessorRecord, side: InputSide): void {
    const watermark = this.#watermarks.get(side) ?? NO_WATERMARK;
    this.#at.record = record;
    this.#moveTo(record);
    const outcome = this.#operator.process(this.#cursor, { time: record.time, watermark, side });
    if (outcome === undefined) this.#send(record.with({ value: this.#cursor.value }));
    else if (outcome.kind === 'rejected') this.#refuse(record, outcome);
    if (record.time - this.#wait - 1 > watermark) {
      this.#watermarks.set(side, record.time - this.#wait - 1);
      this.#advance();
    }
    this.#sinceSettled += 1;
    if (this.#operated.everyRecord === true || this.#sinceSettled >= SETTLE_EVERY) this.#settle();
  }

  complete(side: InputSide): void {
    this.#watermarks.delete(side);
    // With nothing left that could come, what is open is not complete but over: it is emitted as early.
    if (this.#watermarks.size > 0) this.#advance();
  }

  end(): void {
    this.#settle();
    this.#operator.emitOpen();
  }

  #advance(): void {
    const least = Math.min(...this.#watermarks.values());
    if (least <= this.#watermark) return;
    this.#watermark = least;
    this.#operator.advance(least);
  }

  #settle(): void {
    this.#sinceSettled = 0;
    this.#operator.flush(NOWHERE);
    this.#operator.commit();
  }

  /** Operators see a record as a row; its value they may change. */
  #moveTo(record: ProcessorRecord): void {
    const row = this.#row;
    row.reset();
    row.begin(row.topicIndex(record.topic), record.partition, record.time >= 0 ? record.time : -1);
    row.offset(record.offset);
    row.key(record.key);
    row.headers(record.packedHeaders);
    this.#cursor.moveTo(row.batch(), 0, copyOf(record.value as JsonObject));
  }

  #refuse(
    record: ProcessorRecord,
    { code, message }: { code: ConstructorParameters<typeof MillraceError>[0]; message: string },
  ): void {
    const { refused } = this.#operated;
    if (refused === undefined) throw new MillraceError('RXJS_REFUSED', { reason: message });
    refused(record, { code, message });
  }

  #context(): OperatorContext {
    const { id = 'operator', clock = systemClock } = this.#operated;
    return {
      pipeline: 'rxjs',
      component: 'rxjs',
      id,
      generation: 0,
      partition: 0,
      clock,
      log: SILENT,
      counters: { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 },
      emit: ({ value, key, time, headers }) => {
        // A tombstone says that a result is void, which only somebody who keeps results can use.
        const { partition } = this.#at.record;
        if (value !== null) this.#send(new ProcessorRecord({ value, key, time, headers, topic: '', partition, offset: -1 }));
      },
    };
  }
}

const NO_RECORD = new ProcessorRecord({ value: {}, key: null, time: 0, topic: '', partition: 0, offset: -1 });
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
