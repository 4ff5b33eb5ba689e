import type { Clock } from '../../sdk/clock.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** How often, and for how long, something is tried again whose reason may pass. */
export class Tries {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #begun: number;
  #tries = 0;

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
    this.#begun = clock.monotonic();
  }

  /** How often it was tried, all of them in vain. */
  get count(): number {
    return this.#tries;
  }

  /** Waits until it is to be tried again, with jitter, so that many do not come back in step. False: its time is over. */
  async again(signal: AbortSignal): Promise<boolean> {
    this.#tries += 1;
    const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#tries - 1, 10));
    const wait = whole / 2 + (whole / 2) * Math.random();
    if (this.#clock.monotonic() - this.#begun + wait > this.#forMs) return false;
    await this.#clock.sleep(wait, signal);
    return true;
  }
}
