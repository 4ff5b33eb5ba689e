import type { Clock } from '../sdk/clock.ts';

export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

const DEFAULT: BackoffPolicy = { initialMs: 100, maxMs: 30_000 };

/** Waits that double from try to try up to a cap, with full jitter, so that many clients do not come back in step. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #policy: BackoffPolicy;
  #tries = 0;

  constructor(env: { clock: Clock; random: () => number }, policy: BackoffPolicy = DEFAULT) {
    this.#clock = env.clock;
    this.#random = env.random;
    this.#policy = policy;
  }

  /** Failures since the last success. */
  get tries(): number {
    return this.#tries;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** The next wait in ms: between half and the whole of the doubled time. */
  next(): number {
    const { initialMs, maxMs } = this.#policy;
    const whole = Math.min(maxMs, initialMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return whole / 2 + (whole / 2) * this.#random();
  }

  /** Waits; settles early when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(this.next(), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
