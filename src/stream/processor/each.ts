import { concatMap, EMPTY, from, type Observable, Observable as Observed, type Subscriber, toArray } from 'rxjs';
import { MillraceError } from '../../errors/index.ts';
import type { Emitted, ProcessorOperator, ProcessorWork } from '../../sdk/processor.ts';
import type { ProcessorRecord } from '../../sdk/processor-record.ts';

const CONCURRENCY = 16;

/** What a processor does with its records, as an operator, whichever of the three ways its author chose. */
export function operatorOf(work: ProcessorWork, kind: string): ProcessorOperator {
  const { process, each, batch, concurrency = CONCURRENCY } = work;
  if ([process, each, batch].filter((way) => way !== undefined).length !== 1) {
    throw new MillraceError('PROCESSOR_DEFINITION', {
      kind: JSON.stringify(kind),
      reason: 'setup must return an operator, or an object with one of "process", "each" and "batch"',
    });
  }
  if (each !== undefined) return eachOf((record) => each.call(work, record), concurrency);
  if (batch !== undefined) return batchOf((records) => batch.call(work, records));
  return (records) => (process as ProcessorOperator).call(work, records);
}

/** A record that has been given to the processor. */
interface Slot {
  result: Emitted;
  isDone: boolean;
}

/** Calls with each record, and emits what comes of it in the order of the records, so many of them being waited for at a time. */
function eachOf(call: (record: ProcessorRecord) => Emitted | PromiseLike<Emitted>, concurrency: number): ProcessorOperator {
  return (input) =>
    new Observed((subscriber) => {
      const turns = new Turns(call, concurrency, subscriber);
      return input.subscribe({
        next: (record) => turns.take(record),
        error: (error) => subscriber.error(error),
        complete: () => turns.end(),
      });
    });
}

class Turns {
  readonly #call: (record: ProcessorRecord) => Emitted | PromiseLike<Emitted>;
  readonly #concurrency: number;
  readonly #subscriber: Subscriber<ProcessorRecord>;
  readonly #slots: Slot[] = [];
  readonly #queue: ProcessorRecord[] = [];
  #queueAt = 0;
  #waiting = 0;
  #hasEnded = false;

  constructor(
    call: (record: ProcessorRecord) => Emitted | PromiseLike<Emitted>,
    concurrency: number,
    subscriber: Subscriber<ProcessorRecord>,
  ) {
    this.#call = call;
    this.#concurrency = concurrency;
    this.#subscriber = subscriber;
  }

  take(record: ProcessorRecord): void {
    // An input that emits all at once goes on also when nobody listens any more.
    if (this.#subscriber.closed) return;
    if (this.#waiting < this.#concurrency) this.#begin(record);
    else this.#queue.push(record);
  }

  end(): void {
    this.#hasEnded = true;
    this.#settle();
  }

  #begin(record: ProcessorRecord): void {
    // What is returned may be anything: it may throw also when it is looked at.
    try {
      const result = this.#call(record);
      if (isPromise(result)) this.#wait(result);
      // What is there at once and comes behind nothing needs no place to wait in.
      else if (this.#slots.length === 0) this.#emit(result);
      else this.#slots.push({ result, isDone: true });
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  #wait(promise: PromiseLike<Emitted>): void {
    const slot: Slot = { result: null, isDone: false };
    this.#slots.push(slot);
    this.#waiting += 1;
    promise.then(
      (result) => {
        slot.result = result;
        slot.isDone = true;
        this.#waiting -= 1;
        this.#settle();
      },
      (error: unknown) => this.#subscriber.error(error),
    );
  }

  /** Emits what is done as far as nothing before it is waited for, and begins with what there is room for. */
  #settle(): void {
    while (this.#slots[0]?.isDone === true) this.#emit((this.#slots.shift() as Slot).result);
    while (this.#waiting < this.#concurrency && this.#queueAt < this.#queue.length && !this.#subscriber.closed) {
      this.#queueAt += 1;
      this.#begin(this.#queue[this.#queueAt - 1] as ProcessorRecord);
    }
    if (this.#hasEnded && this.#slots.length === 0 && this.#queueAt === this.#queue.length) this.#subscriber.complete();
  }

  #emit(result: Emitted): void {
    try {
      for (const record of listOf(result)) this.#subscriber.next(record);
    } catch (error) {
      this.#subscriber.error(error);
    }
  }
}

/** Calls once with all records that the input has until it completes. */
function batchOf(call: (records: readonly ProcessorRecord[]) => Emitted | PromiseLike<Emitted>): ProcessorOperator {
  return (input) =>
    input.pipe(
      toArray(),
      concatMap((records): Observable<ProcessorRecord> => {
        if (records.length === 0) return EMPTY;
        const result = call(records);
        return isPromise(result) ? from(Promise.resolve(result)).pipe(concatMap(listOf)) : from(listOf(result));
      }),
    );
}

/** What was emitted as a list. What is no record is found out where it is taken. */
export function listOf(result: Emitted): readonly ProcessorRecord[] {
  if (result === null) return [];
  return Array.isArray(result) ? (result as ProcessorRecord[]) : [result as ProcessorRecord];
}

export function isPromise(result: Emitted | PromiseLike<Emitted>): result is PromiseLike<Emitted> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function';
}
