import { type Clock, idleClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';

/** How long a run may take to finish what it has taken, in ms: less than the 30 s after which Kubernetes kills. */
export const STOP_MS = 25_000;
/** While nothing has been taken there is nothing to finish, and only clients to close. */
const UNBEGUN_MS = 2_000;
/** A run that ends within this time is not spoken of. */
const TELL_MS = 1_000;
const TELL_AGAIN_MS = 10_000;

/** What keeps a process that is told to stop. */
export interface Remaining {
  /** Whether anything may have been taken that is not committed. */
  readonly hasBegun: boolean;
  /** What still runs, for people: `sink shop/search (connection refused)`. */
  readonly tasks: readonly string[];
}

export interface StopOptions {
  readonly log: Logger;
  /** Whether a launcher started this process: it passes on what its terminal says, and its end is this one's. */
  readonly worker?: boolean;
  /** How long the process may take once it is told to stop, in ms. */
  readonly limitMs?: number;
  /** Called before the process is ended with something left undone. */
  readonly beforeEnd?: () => void;
  readonly clock?: Clock;
  readonly process?: StoppableProcess;
}

/** What is needed of the process. */
export interface StoppableProcess {
  readonly pid: number;
  on(event: NodeJS.Signals | 'disconnect', listener: () => void): unknown;
  removeAllListeners(event: NodeJS.Signals): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  readonly channel?: { unref(): void } | null | undefined;
}

/**
 * Ends a run when it is told to. The first SIGTERM or SIGINT aborts `signal`: what has been taken is finished and committed, and
 * what that waits for is said. A second one, or the end of the time for it, ends the process at once, which loses nothing either,
 * but leaves the group waiting for its session to time out. A worker also stops when its launcher is gone.
 */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #log: Logger;
  readonly #limitMs: number;
  readonly #beforeEnd: () => void;
  readonly #clock: Clock;
  readonly #process: StoppableProcess;
  #remaining: () => Remaining = () => ({ hasBegun: false, tasks: [] });

  constructor({ log, worker = false, limitMs, beforeEnd, clock = idleClock, process: at = process }: StopOptions) {
    this.#log = log;
    this.#limitMs = limitMs ?? STOP_MS;
    this.#beforeEnd = beforeEnd ?? (() => undefined);
    this.#clock = clock;
    this.#process = at;
    at.on('SIGTERM', () => {
      // A service manager tells each process of a service, and the launcher tells its workers too: that is the same once.
      if (!worker || !this.signal.aborted) this.#stop('SIGTERM', 'stopped by SIGTERM');
    });
    // Ctrl-C in a terminal reaches every process of the group; the launcher passes it on as SIGTERM.
    at.on('SIGINT', () => {
      if (!worker) this.#stop('SIGINT', 'stopped by Ctrl-C');
    });
    if (!worker) return;
    at.on('disconnect', () => this.#stop('SIGTERM', 'the launcher is gone'));
    // Listening keeps the channel to the launcher, and by it the process, alive: without this a worker never ends.
    at.channel?.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whom to ask what keeps the process, from now on. */
  waitsFor(remaining: () => Remaining): void {
    this.#remaining = remaining;
  }

  #stop(by: NodeJS.Signals, why: string): void {
    if (this.signal.aborted) {
      this.#log.warn(`${why}: ending at once`);
      this.#end(by);
      return;
    }
    const { hasBegun } = this.#remaining();
    this.#log.info(hasBegun ? `${why}: finishing what has been taken` : why);
    this.#controller.abort(new Error(why));
    void this.#attend(by, hasBegun);
  }

  /** Says what is waited for, until the time is up. */
  async #attend(by: NodeJS.Signals, hasBegun: boolean): Promise<void> {
    const limitMs = hasBegun ? this.#limitMs : Math.min(UNBEGUN_MS, this.#limitMs);
    for (let waited = 0, wait = TELL_MS; waited < limitMs; wait = TELL_AGAIN_MS) {
      const next = Math.min(wait, limitMs - waited);
      await this.#clock.sleep(next);
      waited += next;
      if (hasBegun && waited < limitMs) this.#tell(Math.round((limitMs - waited) / 1_000));
    }
    const seconds = Math.round(limitMs / 1_000);
    if (hasBegun) {
      this.#log.error(
        `not done after ${seconds} s: ${this.#listed()}; ending all the same: what is not committed is taken again at the next start`,
      );
    } else {
      this.#log.info('Kafka has not answered yet; ending, with nothing taken');
    }
    this.#end(by);
  }

  #tell(seconds: number): void {
    this.#log.info(`waiting for ${this.#listed()}; for ${seconds} s more at most, and a second signal (Ctrl-C) ends it now`);
  }

  #listed(): string {
    const { tasks } = this.#remaining();
    return tasks.length === 0 ? 'clients of Kafka to close' : tasks.join(', ');
  }

  /**
   * As if nobody had listened to the signal. `process.exit` would first wait for all calls that clients of Kafka have under way,
   * which may be for ever.
   */
  #end(by: NodeJS.Signals): void {
    this.#beforeEnd();
    this.#process.removeAllListeners(by);
    this.#process.kill(this.#process.pid, by);
  }
}
