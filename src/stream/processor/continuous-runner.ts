import { Subject, type Subscription } from 'rxjs';
import { type ErrorCode, errorMessage, isMillraceError, MillraceError, reasonOf } from '../../errors/index.ts';
import type { ContinuousOutput, ContinuousProcessor, RejectedRecord } from '../../sdk/batch-processor.ts';
import type { ProcessorDefinition, ProcessorOperator, ProcessorWork } from '../../sdk/processor.ts';
import { isProcessorRecord, type ProcessorRecord } from '../../sdk/processor-record.ts';
import { closeWork, contextOf, type ProcessorPlace } from './context.ts';
import { operatorOf } from './each.ts';
import { failureCode } from './failure-code.ts';
import { observableOf } from './run.ts';

/** The most records behind the offset that may be committed: what the operators of the processor may be keeping. */
const MOST_HELD = 500_000;

/** Records that came together. */
interface Span {
  /** The offset behind the last of them. */
  readonly end: number;
  readonly records: number;
  /** When they came, in monotonic ms. */
  readonly at: number;
}

/**
 * A processor whose operator is subscribed to once, so that what it keeps lives across micro-batches. An offset may be committed once
 * its record is older than `hold`: by then, so its author says, nothing of it is kept any more.
 */
export class ContinuousRunner implements ContinuousProcessor {
  readonly #place: ProcessorPlace;
  readonly #work: ProcessorWork;
  readonly #process: ProcessorOperator;
  readonly #faultOf: ((error: unknown) => MillraceError) | undefined;
  readonly #holdMs: number;
  /** Records at which the processor failed, by offset: they are not given to it again. */
  readonly #refused = new Map<number, { readonly code: ErrorCode; readonly message: string }>();
  #input = new Subject<ProcessorRecord>();
  #subscription: Subscription | undefined;
  #outputs: ProcessorRecord[] = [];
  #rejected: RejectedRecord[] = [];
  #spans: Span[] = [];
  #held = 0;
  #failure: MillraceError | undefined;
  #inputEnded = false;
  #completed = false;
  #ended: (() => void) | undefined;
  #closed = false;
  /** Aborted when the subscription is no more. */
  #stop = new AbortController();

  constructor(definition: ProcessorDefinition, options: unknown, place: ProcessorPlace) {
    const { setup, continuous, faultOf } = definition.processor;
    if (continuous === undefined) throw new Error(`the processor ${definition.kind} is not continuous`);
    this.#place = place;
    this.#holdMs = continuous.holdMs;
    this.#faultOf = faultOf;
    this.#work = setup(
      options,
      contextOf(place, NO_STATE, () => this.#stop.signal),
    );
    this.#process = operatorOf(this.#work, definition.kind);
    this.#subscribe();
  }

  get full(): boolean {
    return this.#held >= MOST_HELD;
  }

  /** Whether there is anything to take. */
  get hasNews(): boolean {
    const [oldest] = this.#spans;
    const isOld = oldest !== undefined && oldest.at <= this.#place.clock.monotonic() - this.#holdMs;
    return isOld || this.#outputs.length > 0 || this.#rejected.length > 0 || this.#failure !== undefined;
  }

  feed(records: readonly ProcessorRecord[], end: number): void {
    this.#throwFailure();
    for (const record of records) this.#next(record);
    this.#spans.push({ end, records: records.length, at: this.#place.clock.monotonic() });
    this.#held += records.length;
  }

  take(): ContinuousOutput {
    this.#throwFailure();
    const offset = this.#releasable();
    const taken = { outputs: this.#outputs, rejected: this.#rejected, offset };
    this.#outputs = [];
    this.#rejected = [];
    return taken;
  }

  async complete(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stop = (): void => this.#ended?.();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
        this.#inputEnded = true;
        this.#input.complete();
        if (this.#completed || this.#failure !== undefined) resolve();
      });
    } finally {
      signal.removeEventListener('abort', stop);
      this.#ended = undefined;
    }
    if (!this.#completed) signal.throwIfAborted();
    this.#throwFailure();
  }

  restart(): void {
    this.#unsubscribe(new Error('the input is read again'));
    this.#stop = new AbortController();
    this.#input = new Subject();
    this.#outputs = [];
    this.#rejected = [];
    this.#spans = [];
    this.#held = 0;
    this.#failure = undefined;
    this.#inputEnded = false;
    this.#completed = false;
    this.#subscribe();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe(new Error('the processor is used no longer'));
    closeWork(this.#work, this.#place);
  }

  #subscribe(): void {
    try {
      this.#subscription = observableOf(this.#process(this.#input.asObservable())).subscribe({
        next: (output) => {
          if (isProcessorRecord(output)) this.#outputs.push(output);
          else this.#fail(new MillraceError('PROCESSOR_OUTPUT', { found: `${typeof output} and no record` }));
        },
        error: (error) => this.#fail(error),
        complete: () => {
          if (!this.#inputEnded) this.#fail(new Error('its Observable completed before its input did'));
          this.#completed = true;
          this.#ended?.();
        },
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #next(record: ProcessorRecord): void {
    const refused = this.#refused.get(record.offset);
    if (refused !== undefined) {
      this.#rejected.push({ record, ...refused });
      return;
    }
    this.#input.next(record);
    if (this.#failure === undefined) return;
    const { cause } = this.#failure;
    this.#refused.set(record.offset, this.#refusal(cause));
    throw this.#failure;
  }

  #fail(error: unknown): void {
    const { component, id } = this.#place;
    const reason = this.#textOf(error);
    this.#failure ??= new MillraceError('PROCESSOR_FAILED', { step: id, component, reason }, { cause: error });
    this.#unsubscribe(this.#failure);
    this.#ended?.();
  }

  #unsubscribe(why: Error): void {
    this.#stop.abort(why);
    try {
      this.#subscription?.unsubscribe();
    } catch (error) {
      // What is done at the end (`finalize`) is the author's code too; the subscription is over all the same.
      const { component, id, log } = this.#place;
      log.warn('ending the subscription of a processor', { task: component, step: id, reason: this.#textOf(error) });
    }
  }

  /** Why a record is not given to the processor again. */
  #refusal(error: unknown): { readonly code: ErrorCode; readonly message: string } {
    const reason = this.#textOf(error);
    const code = failureCode(error, { continuous: true });
    return { code, message: isMillraceError(error) ? reason : errorMessage(code, { reason }) };
  }

  #textOf(error: unknown): string {
    return reasonOf(this.#faultOf?.(error) ?? error);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The offset behind all records that are older than `hold`; behind all where the processor has completed. */
  #releasable(): number | undefined {
    const until = this.#completed ? Number.POSITIVE_INFINITY : this.#place.clock.monotonic() - this.#holdMs;
    let offset: number | undefined;
    let released = 0;
    for (const { end, records, at } of this.#spans) {
      if (at > until) break;
      offset = end;
      this.#held -= records;
      released += 1;
    }
    this.#spans.splice(0, released);
    if (offset !== undefined) for (const refused of this.#refused.keys()) if (refused < offset) this.#refused.delete(refused);
    return offset;
  }
}

const NO_STATE = {
  state: { value: () => refuse('the state'), map: () => refuse('the state'), list: () => refuse('the state') },
  timers: { at: () => refuse('timers'), after: () => refuse('timers'), delete: () => refuse('timers') },
};

function refuse(what: string): never {
  throw new MillraceError('PROCESSOR_CONTINUOUS_STATE', { what });
}
