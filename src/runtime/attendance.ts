import type { Clock } from '../sdk/clock.ts';
import type { GroupIntake } from './intake.ts';

/** How often the group is attended to while something else is waited for, in ms. */
const LOOK_MS = 500;

/** What was waited for has been given up: it is as if it had never begun. */
export class GivenUp extends Error {}

export interface GivingUp {
  /** The task is to end. */
  readonly signal: AbortSignal;
  /** Makes what is waited for settle soon. */
  readonly interrupt: () => void;
}

/** Keeps a task in its group while it waits for something else: a server that a step asks, a processor, the state. */
export class Attendance {
  readonly #intake: Pick<GroupIntake, 'idle' | 'revoking'>;
  readonly #clock: Clock;

  constructor(intake: Pick<GroupIntake, 'idle' | 'revoking'>, clock: Clock) {
    this.#intake = intake;
    this.#clock = clock;
  }

  /**
   * Settles as `work` does. Where the task is to end, or the group takes its partitions, it has a second at the most: what is then
   * interrupted, and rejects, rejects with {@link GivenUp}.
   */
  async during<T>(work: Promise<T>, givingUp?: GivingUp): Promise<T> {
    const settled = new AbortController();
    const settle = (): void => settled.abort(new Error('it has settled'));
    work.then(settle, settle);
    let hurries = false;
    let interrupted = false;
    while (await this.#pause(settled.signal)) {
      if (givingUp !== undefined && (givingUp.signal.aborted || this.#intake.revoking)) {
        if (hurries) givingUp.interrupt();
        interrupted ||= hurries;
        hurries = true;
      }
      if (!this.#intake.revoking && givingUp?.signal.aborted !== true) await this.#attend(work, givingUp);
    }
    try {
      return await work;
    } catch (error) {
      throw interrupted ? new GivenUp('what was waited for has been given up', { cause: error }) : error;
    }
  }

  /** A failure of the group is the task's, once nothing is at work any more. */
  async #attend(work: Promise<unknown>, givingUp: GivingUp | undefined): Promise<void> {
    try {
      await this.#intake.idle();
    } catch (error) {
      givingUp?.interrupt();
      await work.catch(() => undefined);
      throw error;
    }
  }

  /** False where it was over before. */
  async #pause(settled: AbortSignal): Promise<boolean> {
    if (settled.aborted) return false;
    return await this.#clock.sleep(LOOK_MS, settled).then(
      () => !settled.aborted,
      () => false,
    );
  }
}
