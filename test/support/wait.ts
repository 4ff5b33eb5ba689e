export interface Patience {
  /** What is waited for, as in "gave up waiting for {what}". */
  readonly what: string;
  /** In ms; default 30,000. */
  readonly timeout?: number;
  /** Pause between two looks, in ms; default 100. */
  readonly interval?: number;
}

/**
 * Asks `condition` until it gives a value that is neither false nor undefined, and gives that back. What it throws counts as "not
 * yet" and becomes the cause of the failure when time is up.
 */
export async function eventually<T>(condition: () => T | Promise<T>, patience: Patience): Promise<Exclude<T, false | undefined>> {
  const { what, timeout = 30_000, interval = 100 } = patience;
  const deadline = performance.now() + timeout;
  for (;;) {
    let last: unknown;
    try {
      const value = await condition();
      if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`gave up waiting for ${what} after ${timeout} ms${reason}`, { cause: last });
    }
    await pause(interval);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
