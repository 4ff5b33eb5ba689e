/** Time as the code sees it, so that tests can move it. */
export interface Clock {
  /** Wall-clock time in ms since 1970. */
  now(): number;
  /** Time in ms that never goes back, for measuring spans. */
  monotonic(): number;
  /** Settles after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock: the only place that asks it, or that sets a timer. */
export const systemClock: Clock = clockWith((timer) => timer);

/** The same for what is only of use while the process lives for another reason: its timers do not keep it alive. */
export const idleClock: Clock = clockWith((timer) => timer.unref());

function clockWith(hold: (timer: NodeJS.Timeout) => NodeJS.Timeout): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = hold(
          setTimeout(() => {
            signal?.removeEventListener('abort', stop);
            resolve();
          }, ms),
        );
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}
