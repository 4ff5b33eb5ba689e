import { figuresOf } from './aggregate.ts';
import type { JudgedEvent } from './events.ts';
import { type Expected, type ExpectedWindow, nameOf, type Span, verdictOf } from './windows.ts';

/**
 * Sliding windows as Kafka Streams has them (SlidingWindows), but with starts below 0: for every record at t of a group the windows
 * [t - size, t] and [t + 1, t + 1 + size], both ends inclusive, each once, where there is anything in them.
 */
export function slidingWindows(
  size: number,
  events: readonly JudgedEvent[],
  { keep, end: finalWatermark }: { readonly keep: number; readonly end: number },
): Expected {
  const windows = new Map<string, ExpectedWindow>();
  for (const key of new Set(events.map((event) => event.key))) {
    const ofKey = events.filter((event) => event.key === key);
    for (const span of spansOf(size, ofKey, keep)) {
      const within = ofKey.filter(({ time }) => span.start <= time && time < span.end);
      const taken = within.filter(({ watermark }) => verdictOf(span.end, watermark, keep) !== 'lateDropped');
      if (taken.length === 0) continue;
      const shown = { start: span.start, end: span.end - 1 };
      const closed = shown.end <= finalWatermark;
      windows.set(nameOf(key, shown), { key, ...shown, time: shown.end, figures: figuresOf(taken), closed });
    }
  }
  return { windows };
}

/**
 * The windows that records of one group ask for, each unless it has been given up when the record comes. A record that is too late
 * for every window that could hold it asks for none.
 */
function spansOf(size: number, events: readonly JudgedEvent[], keep: number): Span[] {
  const spans = new Map<number, Span>();
  const givenUp = (end: number, { watermark }: JudgedEvent): boolean => verdictOf(end, watermark, keep) === 'lateDropped';
  for (const event of events) {
    if (givenUp(event.time + size + 1, event)) continue;
    for (const start of [event.time - size, event.time + 1]) {
      const end = start + size + 1;
      if (!givenUp(end, event)) spans.set(start, { start, end });
    }
  }
  return [...spans.values()];
}
