import type { JsonValue } from '../../record/json.ts';

/** What is remembered of a result: its window (ms since 1970) and the compared values in the order of their fields; null: no number. */
export interface WindowValues {
  readonly start: number;
  readonly end: number;
  readonly values: readonly (number | null)[];
}

/** With which windows one is compared. */
export interface Spans {
  /** So far back, in ms; empty: with those before it, each of which ends where the next one starts. */
  readonly back: readonly number[];
  /** How many of those before it. */
  readonly previous: number;
}

/** The most windows of a key that are remembered together. */
export const MOST_WINDOWS = 1_000;

/** How far back, in ms, the earliest window may start that is compared with one of this length. */
export function reachOf({ back, previous }: Spans, length: number): number {
  // Those of a calendar differ in length: one more makes up for it.
  return back.length > 0 ? Math.max(...back) : (previous + 1) * length;
}

/**
 * The windows that one is compared with, in the order of `back`, or the latest first; undefined: there is no result of it. A window of
 * the calendar that is missing is taken to be as long as the one that it is compared with.
 */
export function earlierOf(
  { start, end }: Pick<WindowValues, 'start' | 'end'>,
  windows: readonly WindowValues[],
  { back, previous }: Spans,
): (WindowValues | undefined)[] {
  if (back.length > 0) return back.map((span) => windows.find((each) => each.start === start - span));
  const found: (WindowValues | undefined)[] = [];
  let border = start;
  for (let i = 0; i < previous; i += 1) {
    const at = border;
    const window = windows.findLast((each) => each.end === at);
    found.push(window);
    border = window?.start ?? border - (end - start);
  }
  return found;
}

/** The windows with one more, which takes the place of what was known of it; without those that start before `horizon`. In order. */
export function withWindow(windows: readonly WindowValues[], added: WindowValues, horizon: number): readonly WindowValues[] {
  const kept = windows.filter((each) => each.start >= horizon && (each.start !== added.start || each.end !== added.end));
  const at = kept.findLastIndex(({ start }) => start < added.start) + 1;
  kept.splice(at, 0, added);
  return kept.length > MOST_WINDOWS ? kept.slice(-MOST_WINDOWS) : kept;
}

/** A format: what the changelog holds of a key. */
export function encodeWindows(windows: readonly WindowValues[]): JsonValue {
  return windows.map(({ start, end, values }) => [start, end, ...values]);
}

export function decodeWindows(stored: JsonValue): readonly WindowValues[] {
  return (stored as [number, number, ...(number | null)[]][]).map(([start, end, ...values]) => ({ start, end, values }));
}
