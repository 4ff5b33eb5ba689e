import type { Clock } from '../sdk/clock.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';

/** Lets at most as many writes to a destination be in flight as it takes, in the order in which they came. */
export class WriteGate {
  readonly #clock: Clock;
  readonly #adaptive: AdaptiveLimit;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#adaptive = new AdaptiveLimit(most);
  }

  /** How many may be in flight now. */
  get limit(): number {
    return this.#adaptive.limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Settles when a write may begin, with the time at which it begins; rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || this.#inFlight >= this.limit) await this.#turn(signal);
    else this.#inFlight += 1;
    return this.#clock.monotonic();
  }

  /** A write has ended. `began`: what `enter` gave. */
  leave(began: number, write: { readonly bytes: number; readonly overloaded: boolean }): void {
    this.#adaptive.ended({ began, ended: this.#clock.monotonic(), ...write, inFlight: this.#inFlight });
    this.#release();
  }

  /** A write was cancelled: it says nothing about the destination. */
  cancelled(): void {
    this.#release();
  }

  #release(): void {
    this.#inFlight -= 1;
    while (this.#waiting.length > 0 && this.#inFlight < this.limit) {
      this.#inFlight += 1;
      this.#waiting.shift()?.();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(begin);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
