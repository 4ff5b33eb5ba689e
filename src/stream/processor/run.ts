import { AsyncLocalStorage } from 'node:async_hooks';
import { type Observable, Subject, takeUntil } from 'rxjs';
import { MillraceError } from '../../errors/index.ts';
import { isProcessorRecord, type ProcessorRecord } from '../../sdk/processor-record.ts';

/** The run that the code at work belongs to, also behind an await. What belongs to one that is over may change nothing any more. */
const belongs = new AsyncLocalStorage<object>();

/** A run that emits more is stopped: of one record, and of any number of them. */
const MOST_OF_ONE = 10_000;
const MOST_OF_ALL = 1_000_000;

export interface Run {
  /** Gives what is subscribed to. */
  start(): Observable<unknown>;
  /** Called once that is done; `hasFailed` tells whether it has already. */
  subscribed?(hasFailed: () => boolean): void;
  /** Of how many records the run is made. */
  inputs(): number;
}

/** Subscriptions to what a processor makes of some records, or of a timer; one at a time. */
export class ProcessorRuns {
  #current: object | undefined;

  /** Refuses what does not belong to the run at work: what was left behind by one that failed, or that did not wait for it. */
  readonly guard = (what: string): void => {
    const mine = belongs.getStore();
    if (this.#current === undefined || (mine !== undefined && mine !== this.#current)) {
      throw new MillraceError('PROCESSOR_RUN_OVER', { what });
    }
  };

  /** Settles with all that was emitted once it completes; rejects with its error, or the signal's reason. */
  async collect(run: Run, signal: AbortSignal): Promise<readonly ProcessorRecord[]> {
    signal.throwIfAborted();
    const token = {};
    this.#current = token;
    try {
      return await belongs.run(token, () => subscribe(run, signal));
    } finally {
      this.#current = undefined;
    }
  }
}

function subscribe({ start, subscribed, inputs }: Run, signal: AbortSignal): Promise<readonly ProcessorRecord[]> {
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
    start()
      .pipe(takeUntil(ended))
      .subscribe({
        // It must not throw: RxJS would have nobody to tell of it, and end the process.
        next: (output) => {
          const limit = Math.min(MOST_OF_ALL, MOST_OF_ONE * Math.max(1, inputs()));
          if (!isProcessorRecord(output)) fail(new MillraceError('PROCESSOR_OUTPUT', { found: describe(output) }));
          else if (outputs.length < limit) outputs.push(output);
          else fail(new MillraceError('PROCESSOR_TOO_MANY', { limit, inputs: inputs() === 1 ? 'one' : inputs() }));
        },
        error: fail,
        complete: () => end(() => resolve(outputs)),
      });
    subscribed?.(() => hasFailed);
  });
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}
