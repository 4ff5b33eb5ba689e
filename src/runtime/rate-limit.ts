import type { Clock } from '../sdk/clock.ts';

/** Spreads records over time: at most so many a second, counted from the last ones let through. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: number | undefined;
  #free = 0;

  constructor(clock: Clock, perSecond: number | undefined) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** How many records, of `records` that could be taken at once, do not make the next ones wait for more than a second. */
  atMost(records: number): number {
    return this.#perSecond === undefined ? records : Math.max(1, Math.min(records, Math.floor(this.#perSecond)));
  }

  /** Settles when `records` may pass; at once without a limit, early when the signal is aborted. */
  async take(records: number, signal: AbortSignal): Promise<void> {
    if (this.#perSecond === undefined || records === 0) return;
    const now = this.#clock.monotonic();
    const from = Math.max(now, this.#free);
    this.#free = from + (records / this.#perSecond) * 1000;
    if (from > now) {
      await this.#clock.sleep(from - now, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
