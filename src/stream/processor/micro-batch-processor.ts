import { EMPTY, from, type Observable, Subject } from 'rxjs';
import { type ErrorCode, errorMessage, isMillraceError, type MillraceError, reasonOf } from '../../errors/index.ts';
import type {
  BatchProcessor,
  ProcessorArrival,
  ProcessorInput,
  ProcessorOutput,
  RejectedRecord,
} from '../../sdk/batch-processor.ts';
import type { Timer } from '../../sdk/keyed-state.ts';
import type { Changelog } from '../../sdk/operator.ts';
import type { ProcessorDefinition, ProcessorOperator, ProcessorWork } from '../../sdk/processor.ts';
import { newRecord, type ProcessorRecord } from '../../sdk/processor-record.ts';
import { isRetryable } from '../../sdk/retryable.ts';
import { ProcessorState } from '../state/processor-state.ts';
import { closeWork, contextOf, type ProcessorPlace } from './context.ts';
import { operatorOf } from './each.ts';
import { failureCode } from './failure-code.ts';
import { ProcessorRuns } from './run.ts';
import { Tries } from './tries.ts';

/** A call that takes longer is told of, for nobody sees otherwise why a partition stands still. */
const LONG_MS = 60_000;
const MS_PER_S = 1_000;

/** What has come of a call so far. */
interface Results {
  readonly outputs: ProcessorRecord[];
  readonly rejected: RejectedRecord[];
  readonly signal: AbortSignal;
}

interface Reason {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * A processor that sees each micro-batch as an Observable which completes at its end, or before a timer that is due between two of
 * its records. When that fails, what it has changed is taken back, and the records are processed again one by one, so that only the bad
 * ones are rejected.
 */
export class MicroBatchProcessor implements BatchProcessor {
  readonly #place: ProcessorPlace;
  readonly #work: ProcessorWork;
  readonly #retryForMs: number;
  readonly #state: ProcessorState;
  readonly #process: ProcessorOperator;
  readonly #runs: ProcessorRuns;
  readonly #faultOf: ((error: unknown) => MillraceError) | undefined;
  #closed = false;

  constructor(definition: ProcessorDefinition, options: unknown, place: ProcessorPlace) {
    const { setup, maxEntries, retryForMs, timeoutMs, faultOf } = definition.processor;
    this.#place = place;
    this.#faultOf = faultOf;
    this.#runs = new ProcessorRuns({ ms: timeoutMs, clock: place.clock });
    this.#retryForMs = retryForMs;
    this.#state = new ProcessorState(maxEntries);
    const views = this.#state.views(
      this.#runs.guard,
      () => place.clock.now(),
      () => this.#work.onTimer !== undefined,
    );
    this.#work = setup(
      options,
      contextOf(place, views, () => this.#runs.signal),
    );
    this.#process = operatorOf(this.#work, definition.kind);
  }

  get size(): number {
    return this.#state.size;
  }

  async process({ arrivals, watermark, now }: ProcessorInput, signal: AbortSignal): Promise<ProcessorOutput> {
    const outputs: ProcessorRecord[] = [];
    const rejected: RejectedRecord[] = [];
    const results: Results = { outputs, rejected, signal };
    const mark = this.#state.mark();
    const done = this.#watch();
    try {
      for (let at = 0; at < arrivals.length; ) at = await this.#segment(arrivals, at, results);
      await this.#pass(watermark, results);
      await this.#fire('wall', now, results);
      return { outputs, rejected };
    } catch (error) {
      this.#state.undoTo(mark);
      throw error;
    } finally {
      done.abort();
    }
  }

  isDue(watermark: number, now: number): boolean {
    const { timers, store } = this.#state;
    return timers.isDue('event', watermark) || timers.isDue('wall', now) || store.nextExpiry <= watermark;
  }

  flush(changes: Changelog): void {
    this.#state.flush(changes);
  }

  commit(): void {
    this.#state.commit();
  }

  rollback(): void {
    this.#state.rollback();
  }

  restore(key: string, value: string | null): void {
    this.#state.restore(key, value);
  }

  restored(watermark: number): void {
    this.#state.restored(watermark);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#runs.close();
    closeWork(this.#work, this.#place);
  }

  /** Processes the records from `from` on, together, as far as no timer is due between them. Returns where to go on. */
  async #segment(arrivals: readonly ProcessorArrival[], from: number, results: Results): Promise<number> {
    const tries = new Tries(this.#place.clock, this.#retryForMs);
    for (;;) {
      let to = from;
      const push = (input: Subject<ProcessorRecord>, hasFailed: () => boolean): void => {
        while (to < arrivals.length && !hasFailed() && !(to > from && this.#isTimerDue(arrivals[to - 1]))) {
          this.#next(input, arrivals[to] as ProcessorArrival);
          to += 1;
        }
      };
      const failed = await this.#attempt(push, () => to - from, results);
      if (failed === undefined) {
        await this.#pass((arrivals[to - 1] as ProcessorArrival).watermark, results);
        return to;
      }
      if (isRetryable(failed.error) && (await tries.again(results.signal))) continue;
      for (const arrival of arrivals.slice(from, to)) await this.#alone(arrival, results);
      return to;
    }
  }

  /** Processes one record by itself. */
  async #alone(arrival: ProcessorArrival, results: Results): Promise<void> {
    const tries = new Tries(this.#place.clock, this.#retryForMs);
    for (;;) {
      const failed = await this.#attempt(
        (input) => this.#next(input, arrival),
        () => 1,
        results,
      );
      if (failed === undefined) break;
      if (isRetryable(failed.error) && (await tries.again(results.signal))) continue;
      results.rejected.push({ record: arrival.record, ...this.#reasonOf(failed.error, tries) });
      break;
    }
    // Time goes on also where the record is a dead letter.
    await this.#pass(arrival.watermark, results);
  }

  #next(input: Subject<ProcessorRecord>, { record, watermark }: ProcessorArrival): void {
    const { timers, store } = this.#state;
    this.#state.turnTo(watermark);
    input.next(record);
    // What expires does so between two records, wherever the micro-batch is cut; where a timer is due that comes first.
    if (!timers.isDue('event', watermark)) store.expire(watermark);
  }

  #isTimerDue(arrival: ProcessorArrival | undefined): boolean {
    return arrival !== undefined && this.#state.timers.isDue('event', arrival.watermark);
  }

  /** One run over what `push` gives. What it emits is added to the results, or where it fails, what it has changed is taken back. */
  #attempt(
    push: (input: Subject<ProcessorRecord>, hasFailed: () => boolean) => void,
    inputs: () => number,
    results: Results,
  ): Promise<{ readonly error: unknown } | undefined> {
    const input = new Subject<ProcessorRecord>();
    const subscribed = (hasFailed: () => boolean): void => {
      push(input, hasFailed);
      input.complete();
    };
    return this.#run({ start: () => this.#process(input.asObservable()), subscribed, inputs }, results);
  }

  async #run(
    run: Parameters<ProcessorRuns['collect']>[0],
    { outputs, signal }: Results,
  ): Promise<{ readonly error: unknown } | undefined> {
    const mark = this.#state.mark();
    try {
      const emitted = await this.#runs.collect(run, signal);
      for (const output of emitted) outputs.push(output);
      return undefined;
    } catch (error) {
      this.#state.undoTo(mark);
      signal.throwIfAborted();
      return { error };
    }
  }

  /** Event time has come to `watermark`: timers that are due come first, then what expires by it is forgotten. */
  async #pass(watermark: number, results: Results): Promise<void> {
    this.#state.turnTo(watermark);
    await this.#fire('event', watermark, results);
    this.#state.store.expire(watermark);
  }

  /** Fires what is due, and what that makes due. */
  async #fire(clock: Timer['clock'], by: number, results: Results): Promise<void> {
    for (;;) {
      const due = this.#state.timers.due(clock, by);
      if (due.length === 0) return;
      for (const timer of due) if (this.#state.timers.remove(timer)) await this.#fireOne(timer, results);
    }
  }

  async #fireOne(timer: Timer, results: Results): Promise<void> {
    const tries = new Tries(this.#place.clock, this.#retryForMs);
    for (;;) {
      const start = (): Observable<unknown> => {
        const emitted = this.#work.onTimer?.(timer);
        return emitted === undefined ? EMPTY : from(emitted);
      };
      const failed = await this.#run({ start, inputs: () => 1 }, results);
      if (failed === undefined) return;
      if (isRetryable(failed.error) && (await tries.again(results.signal))) continue;
      results.rejected.push(this.#rejectedTimer(timer, failed.error));
      return;
    }
  }

  /** There is no record to be the dead letter: one is made that tells of the timer. */
  #rejectedTimer({ key, name, time, clock }: Timer, error: unknown): RejectedRecord {
    const at = new Date(time).toISOString();
    const code = 'PROCESSOR_TIMER_THREW';
    return {
      record: newRecord({ value: { '@timestamp': at, timer: { key, name, clock } }, key, time }, this.#place.partition),
      code,
      message: errorMessage(code, { key, name, time: at, reason: this.#textOf(error) }),
    };
  }

  #reasonOf(error: unknown, tries: Tries): Reason {
    const reason = this.#textOf(error);
    const code = failureCode(error);
    if (isMillraceError(error)) return { code, message: reason };
    return { code, message: errorMessage(code, { reason, seconds: this.#retryForMs / MS_PER_S, tries: tries.count }) };
  }

  /** What it says; in a plugin with its name, and where in it that was. */
  #textOf(error: unknown): string {
    return reasonOf(this.#faultOf?.(error) ?? error);
  }

  /** Tells of a call that is long under way. */
  #watch(): AbortController {
    const done = new AbortController();
    const { clock, log, component, id } = this.#place;
    const tell = (): void => {
      const hint = 'its Observable must complete when its input does';
      log.warn('a processor is long at work on a micro-batch', { task: component, step: id, seconds: LONG_MS / MS_PER_S, hint });
    };
    void clock.sleep(LONG_MS, done.signal).then(tell, () => {});
    return done;
  }
}
