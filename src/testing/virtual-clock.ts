import { clearTimeout, setTimeout } from 'node:timers';
import type { Clock } from '../sdk/clock.ts';

interface Timer {
  readonly at: number;
  /** Timers of the same time fire in the order they were set. */
  readonly order: number;
  fire(): void;
}

/** The longest wait for news, in ms of real time: what is under way may be nothing that Node's event loop knows of. */
const NEWS_WAIT_MS = 2;

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * The same, as soon as something has come from outside: an immediate that is not counted (`unref`) runs in the next turn too, and does
 * not keep the loop from waiting for that. Turns without a wait would take the processor from those who read the file.
 */
function turnOnNews(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, NEWS_WAIT_MS);
    setImmediate(() => {
      clearTimeout(timer);
      resolve();
    }).unref();
  });
}

/** A clock that stands still until a test moves it, so that waits of hours take no time and happen in one order. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #epoch: number;
  readonly #busy: () => boolean;
  #elapsed = 0;
  #orders = 0;

  /**
   * `epoch`: the wall-clock time in ms at which it begins. `busy`: whether something is under way that takes real time, such as reading
   * a file: the clock stands still meanwhile.
   */
  constructor(epoch = Date.UTC(2024, 0, 1), busy: () => boolean = () => false) {
    this.#epoch = epoch;
    this.#busy = busy;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Sleeps in progress. */
  get sleeping(): number {
    return this.#timers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const stop = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Calls `fire` in `ms`, unless what is given back is called before. */
  after(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#orders, fire };
    this.#orders += 1;
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets everything run that does not wait for time. */
  async settle(): Promise<void> {
    await turn();
    while (this.#busy()) await turnOnNews();
  }

  /** Moves on by `ms`, waking sleepers in their order and letting each go on before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await this.settle();
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) await this.#fire(next);
    this.#elapsed = Math.max(this.#elapsed, until);
  }

  /**
   * Moves on, from sleeper to sleeper, until `condition` holds. Throws when `limitMs` of virtual time have passed, or when
   * nobody sleeps any more, so that it never would.
   */
  async advanceUntil(condition: () => boolean, limitMs = 600_000): Promise<void> {
    const until = this.#elapsed + limitMs;
    for (;;) {
      await this.settle();
      if (condition()) return;
      const next = this.#next();
      if (next === undefined) throw new Error('nobody sleeps, so the condition will never hold');
      if (next.at > until) throw new Error(`the condition does not hold after ${limitMs} ms of virtual time`);
      await this.#fire(next);
    }
  }

  /** Moves on until `work` settles, and settles as it does. */
  async run<T>(work: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    work.then(done, done);
    await this.advanceUntil(() => settled, limitMs);
    return work;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.at);
    timer.fire();
    await this.settle();
  }
}
