import type { Clock } from '../sdk/clock.ts';

/** Marks that something has not come to an end in time. */
export const TOO_LONG = Symbol('too long');

/**
 * Waits for `work` for at most `ms`, and no longer than until the signal is aborted, whether it heeds that or not: gives TOO_LONG,
 * or rejects with the signal's reason. What it does afterwards is nobody's business any more.
 */
export async function withinTime<T>(
  work: Promise<T>,
  { ms, clock, signal }: { readonly ms: number; readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<T | typeof TOO_LONG> {
  const over = new AbortController();
  const both = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const limit = clock.sleep(ms, both).then(
    () => TOO_LONG,
    () => {
      signal?.throwIfAborted();
      return TOO_LONG;
    },
  ) as Promise<typeof TOO_LONG>;
  limit.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, limit]);
  } finally {
    over.abort(new Error('it is over'));
  }
}
