import { isErrorCode, ownField, reasonOf } from '../errors/index.ts';
import type { DeliveryError } from './sink.ts';

const UNKNOWN = 0;
const DELIVERED = 1;
const DUPLICATE = 2;
const RETRY = 3;
const REJECTED = 4;

export type Outcome = 'unknown' | 'delivered' | 'duplicate' | 'retry' | 'rejected';
const NAMES: readonly Outcome[] = ['unknown', 'delivered', 'duplicate', 'retry', 'rejected'];

/**
 * What became of each record of one write. Every record begins as `unknown`, which is sent again: an answer that says
 * nothing of a record never counts as its delivery.
 */
export class Outcomes {
  readonly #states: Uint8Array;
  readonly #errors = new Map<number, DeliveryError>();
  #refusal: DeliveryError | undefined;
  #overloaded = false;

  constructor(length: number) {
    this.#states = new Uint8Array(length);
  }

  get length(): number {
    return this.#states.length;
  }

  delivered(i: number): void {
    this.#states[i] = DELIVERED;
  }

  deliveredAll(): void {
    this.#states.fill(DELIVERED);
  }

  /** It was there already, under an id that only this record has: delivered by an earlier try. */
  duplicate(i: number): void {
    this.#states[i] = DUPLICATE;
  }

  /** Not delivered, for a reason that may pass (busy, closed, forbidden): sent again, for ever, with growing waits. */
  retry(i: number, error: DeliveryError): void {
    this.#states[i] = RETRY;
    this.#errors.set(i, plain(error));
  }

  /** Not delivered, and never will be as it is: a dead letter. */
  reject(i: number, error: DeliveryError): void {
    this.#states[i] = REJECTED;
    this.#errors.set(i, plain(error));
  }

  /** The destination refused the request as a whole because of something in it: the runtime halves it to find what. */
  refuseAll(error: DeliveryError): void {
    this.#refusal = plain(error);
  }

  /** The destination said that it is given too much: the runtime has fewer writes in flight for a while. */
  overload(): void {
    this.#overloaded = true;
  }

  get overloaded(): boolean {
    return this.#overloaded;
  }

  get refusal(): DeliveryError | undefined {
    return this.#refusal;
  }

  of(i: number): Outcome {
    return NAMES[this.#states[i] ?? UNKNOWN] as Outcome;
  }

  errorOf(i: number): DeliveryError | undefined {
    return this.#errors.get(i);
  }
}

/** What a sink says is copied: that of a plugin may be anything, and it goes into dead letters and the log. */
function plain(error: DeliveryError): DeliveryError {
  const code = ownField(error, 'code');
  return { code: isErrorCode(code) ? code : 'PLUGIN_REJECTED', message: reasonOf(ownField(error, 'message') ?? error) };
}
