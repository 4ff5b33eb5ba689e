import type { Clock } from '../sdk/clock.ts';
import { KafkaError } from './error.ts';
import { Code } from './failures.ts';

/**
 * The calls under way on a client. node-rdkafka crashes the process when a client is destroyed under one of them, so closing
 * waits for them all.
 */
export class InFlight {
  readonly #calls = new Set<Promise<unknown>>();

  track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    const done = (): void => {
      this.#calls.delete(call);
    };
    call.then(done, done);
    return call;
  }

  async settled(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }
}

/** Settles as `work` does, or rejects after `ms`; the work itself can't be stopped. */
export async function within<T>(clock: Clock, ms: number, action: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(() => {
    throw new KafkaError(action, {
      code: Code.timedOut,
      message: `not done after ${ms} ms`,
      retriable: false,
      fatal: true,
      requiresAbort: false,
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort(new Error('done'));
  }
}
