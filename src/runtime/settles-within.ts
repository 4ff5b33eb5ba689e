import type { Clock } from '../sdk/clock.ts';

/** Whether `work`, which does not reject, settles within `ms`; known as soon as it has, or the time is up. */
export async function settlesWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => false,
    () => true,
  );
  const settled = await Promise.race([work.then(() => true), late]);
  timer.abort(new Error('it has settled'));
  return settled;
}
