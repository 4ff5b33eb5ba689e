import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../sdk/clock.ts';

/** How often the heap is looked at, in ms. */
const LOOK_MS = 60_000;
/** How much the heap must have grown since the last full collection to be worth one. */
const WORTH_BYTES = 4 * 1024 * 1024;
/** Node's number of a full collection (perf_hooks `NODE_PERFORMANCE_GC_MAJOR`). */
const MAJOR = 4;

/**
 * Asks V8 for a full collection once a minute, where it has not made one itself and the heap has grown. V8 puts it off until the old
 * space has doubled or more: of a process that takes its turn beside others on a machine for months, the memory would grow by
 * some megabytes a minute for an hour, with nothing in it. It costs some 50 ms, mostly beside the main thread.
 */
export function keepOldSpaceSmall(clock: Clock, signal: AbortSignal): void {
  const collect = collector();
  let collected = false;
  let floor = getHeapStatistics().used_heap_size;
  const observer = new PerformanceObserver((list) => {
    collected ||= list.getEntries().some((entry) => (entry as { detail?: { kind?: number } }).detail?.kind === MAJOR);
  });
  observer.observe({ entryTypes: ['gc'] });
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      if (!collected && getHeapStatistics().used_heap_size - floor > WORTH_BYTES) collect();
      collected = false;
      floor = getHeapStatistics().used_heap_size;
    }
  };
  void look()
    .catch(() => undefined)
    .finally(() => observer.disconnect());
}

/** V8's own collector, which is there for whoever asks for it before a context is made. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'sync' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'major', execution: 'sync' });
}
