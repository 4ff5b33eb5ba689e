import { isMillraceError, reasonOf } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import { Backoff } from './backoff.ts';
import type { Task } from './task.ts';

/** A task that has run this long without trouble begins its backoff anew. */
const STABLE_MS = 60_000;

export interface SupervisorOptions {
  readonly stats: ComponentStats;
  /** A new life of the task. */
  readonly create: () => Task;
  /** Whether the run is bounded (`--once`): then a task is started again only for a reason outside, which may pass by itself. */
  readonly once: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/**
 * Keeps one task alive: what fails for a reason that may pass is started again, with growing waits; what needs a human
 * stops, says so, and disturbs no other task.
 */
export class Supervisor {
  readonly stats: ComponentStats;
  readonly #options: SupervisorOptions;
  readonly #backoff: Backoff;
  #task: Task | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.stats = options.stats;
    this.#backoff = new Backoff(options);
  }

  get task(): Task | undefined {
    return this.#task;
  }

  /** Makes a life of the task and lets it end what an earlier one left open in Kafka. A task that is ready stays as it is. */
  async prepare(): Promise<void> {
    if (this.#task !== undefined) return;
    const task = this.#options.create();
    this.#task = task;
    try {
      await task.prepare();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Prepares before all tasks run. A failure that needs a human (the file of a step is not there) is left to the run,
   * which meets it again: it must not hold up the other tasks.
   */
  async prepareAhead(): Promise<void> {
    try {
      await this.prepare();
    } catch (error) {
      if (!isMillraceError(error) || error.retry !== 'never') throw error;
    }
  }

  /** Settles when the task has finished, has failed for good, or the signal has ended it. */
  async run(signal: AbortSignal): Promise<void> {
    const { stats, clock } = this.#options;
    for (;;) {
      const started = clock.monotonic();
      try {
        if (!signal.aborted) {
          await this.prepare();
          await this.#task?.run(signal);
        }
        await this.close();
        stats.state = signal.aborted ? 'stopped' : 'finished';
        return;
      } catch (error) {
        await this.close();
        if (signal.aborted) {
          this.#endUnfinished(error, signal);
          return;
        }
        if (clock.monotonic() - started > STABLE_MS) this.#backoff.reset();
        if (this.#isFinal(error)) return;
        await this.#backoff.wait(signal);
      }
    }
  }

  /** It was told to end, and what it had taken could not be finished. */
  #endUnfinished(error: unknown, signal: AbortSignal): void {
    const { stats, log } = this.#options;
    stats.state = 'stopped';
    if (error === signal.reason) return;
    log.warn(
      `${reasonOf(error)}; ${stats.kind} ${stats.component} ends without what it has taken last, which is taken again at the next start`,
      { pipeline: stats.pipeline, [stats.kind]: stats.component },
    );
  }

  /** Notes the failure. True where the task must not start again. */
  #isFinal(error: unknown): boolean {
    const { stats, log, once } = this.#options;
    stats.reason = reasonOf(error);
    const final = (isMillraceError(error) && error.retry === 'never') || (once && !isFromOutside(error));
    const code = isMillraceError(error) ? { code: error.code } : {};
    const place = { pipeline: stats.pipeline, [stats.kind]: stats.component, ...code };
    if (final) {
      stats.state = 'failed';
      log.error(`${stats.reason}; ${stats.kind} ${stats.component} stops, the rest keeps running`, place);
    } else {
      stats.state = 'retrying';
      stats.restarts += 1;
      log.warn(`${stats.reason}; ${stats.kind} ${stats.component} starts again`, place);
    }
    return final;
  }

  /** Frees what the task holds. */
  async close(): Promise<void> {
    const task = this.#task;
    this.#task = undefined;
    try {
      await task?.close();
    } catch (error) {
      this.#options.log.warn('closing a task', { task: this.stats.component, reason: reasonOf(error) });
    }
  }
}

function isFromOutside(error: unknown): boolean {
  return isKafkaError(error) || (isMillraceError(error) && error.domain === 'external');
}
