import { AsyncLocalStorage } from 'node:async_hooks';
import { isObservable, type Observable, Subject, takeUntil } from 'rxjs';
import { MillraceError } from '../../errors/index.ts';
import { describe } from '../../record/json-copy.ts';
import type { Clock } from '../../sdk/clock.ts';
import { isProcessorRecord, type ProcessorRecord } from '../../sdk/processor-record.ts';

/** The run that the code at work belongs to, also behind an await. What belongs to one that is over may change nothing any more. */
const belongs = new AsyncLocalStorage<object>();

/** A run that emits more is stopped: of one record, and of any number of them. */
const MOST_OF_ONE = 10_000;
const MOST_OF_ALL = 1_000_000;
const MS_PER_S = 1_000;

export interface Run {
  /** Gives what is subscribed to. */
  start(): Observable<unknown>;
  /** Called once that is done; `hasFailed` tells whether it has already. */
  subscribed?(hasFailed: () => boolean): void;
  /** Of how many records the run is made. */
  inputs(): number;
}

/** For how long nothing may come of a run. */
export interface RunLimit {
  readonly ms: number;
  readonly clock: Clock;
}

/** Subscriptions to what a processor makes of some records, or of a timer; one at a time. */
export class ProcessorRuns {
  readonly #limit: RunLimit;
  /** Aborted when the processor is used no longer. */
  readonly #life = new AbortController();
  #current: object | undefined;
  /** Of the run at work; made when somebody asks for it. */
  #stop: AbortController | undefined;

  constructor(limit: RunLimit) {
    this.#limit = limit;
  }

  /** Aborted when the run at work fails; when there is none, at the end of the processor. */
  get signal(): AbortSignal {
    if (this.#current === undefined) return this.#life.signal;
    this.#stop ??= new AbortController();
    return this.#stop.signal;
  }

  close(): void {
    this.#life.abort(new Error('the processor is used no longer'));
  }

  /** Refuses what does not belong to the run at work: what was left behind by one that failed, or that did not wait for it. */
  readonly guard = (what: string): void => {
    const mine = belongs.getStore();
    if (this.#current === undefined || (mine !== undefined && mine !== this.#current)) {
      throw new MillraceError('PROCESSOR_RUN_OVER', { what });
    }
  };

  /** Tells what the run has begun that it is wanted no longer; whatever that makes of it is not to disturb anybody. */
  #abort(error: unknown): void {
    this.#stop?.abort(error);
  }

  /** Settles with all that was emitted once it completes; rejects with its error, or the signal's reason. */
  async collect(run: Run, signal: AbortSignal): Promise<readonly ProcessorRecord[]> {
    signal.throwIfAborted();
    const token = {};
    this.#current = token;
    this.#stop = undefined;
    try {
      return await belongs.run(token, () => subscribe(run, signal, this.#limit));
    } catch (error) {
      this.#abort(error);
      throw error;
    } finally {
      this.#current = undefined;
    }
  }
}

function subscribe(
  { start, subscribed, inputs }: Run,
  signal: AbortSignal,
  limit: RunLimit,
): Promise<readonly ProcessorRecord[]> {
  return new Promise((resolve, reject) => {
    const outputs: ProcessorRecord[] = [];
    const ended = new Subject<void>();
    let isOver = false;
    let hasFailed = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', stop);
      settle();
      ended.next();
    };
    const fail = (error: unknown): void =>
      end(() => {
        hasFailed = true;
        reject(error as Error);
      });
    const stop = (): void => fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    observableOf(start())
      .pipe(takeUntil(ended))
      .subscribe({
        // It must not throw: RxJS would have nobody to tell of it, and end the process.
        next: (output) => {
          const limit = Math.min(MOST_OF_ALL, MOST_OF_ONE * Math.max(1, inputs()));
          if (!isProcessorRecord(output))
            fail(new MillraceError('PROCESSOR_OUTPUT', { found: `${describe(output)} and no record` }));
          else if (outputs.length < limit) outputs.push(output);
          else fail(new MillraceError('PROCESSOR_TOO_MANY', { limit, inputs: inputs() === 1 ? 'one' : inputs() }));
        },
        error: fail,
        complete: () => end(() => resolve(outputs)),
      });
    subscribed?.(() => hasFailed);
    if (!isOver) void watch(limit, { ended, count: () => outputs.length, tooLong: () => fail(tooLong(limit, inputs())) });
  });
}

/** Ends a run of which nothing comes any more. */
async function watch(
  { ms, clock }: RunLimit,
  { ended, count, tooLong: end }: { ended: Subject<void>; count: () => number; tooLong: () => void },
): Promise<void> {
  const over = new AbortController();
  ended.subscribe(() => over.abort(new Error('the run is over')));
  for (let seen = -1; seen !== count(); ) {
    seen = count();
    try {
      await clock.sleep(ms, over.signal);
    } catch {
      return;
    }
  }
  end();
}

function tooLong({ ms }: RunLimit, inputs: number): MillraceError {
  const what = inputs === 1 ? 'the record' : `${inputs} records together`;
  return new MillraceError('PROCESSOR_TOO_LONG', { inputs: what, seconds: ms / MS_PER_S });
}

/** What a processor returns in place of an Observable would fail without a word of what was wrong. */
export function observableOf(returned: unknown): Observable<unknown> {
  if (isObservable(returned)) return returned;
  throw new MillraceError('PROCESSOR_OPERATOR', { found: describe(returned) });
}
