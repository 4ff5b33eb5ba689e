import { reasonOf } from '../errors/index.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { Backoff } from './backoff.ts';

const REMIND_MS = 30_000;
/** A bounded run gives up on a cluster that cannot be reached for so long; an unbounded one never does. */
const ONCE_START_MS = 60_000;

/** Repeats what needs the cluster until it is done. Undefined where the signal ended it. */
export async function untilReady<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  at: { readonly clock: Clock; readonly random: () => number; readonly log: Logger; readonly once: boolean },
): Promise<T | undefined> {
  const { clock, log, once } = at;
  const backoff = new Backoff(at, { initialMs: 1_000, maxMs: 15_000 });
  const started = clock.monotonic();
  let said = { reason: '', at: 0 };
  for (;;) {
    if (signal.aborted) return undefined;
    try {
      return await work();
    } catch (error) {
      if (once && clock.monotonic() - started > ONCE_START_MS) throw error;
      const saying = { reason: reasonOf(error), at: clock.monotonic() };
      if (saying.reason !== said.reason || saying.at - said.at > REMIND_MS) {
        log.warn(`${saying.reason}; it is tried again until it succeeds`);
        said = saying;
      }
      await backoff.wait(signal);
    }
  }
}
