import { type Figures, figuresOf } from './aggregate.ts';
import { type CalendarUnit, calendarWindow } from './calendar.ts';
import type { JudgedEvent } from './events.ts';

/** A kind of window, all times in ms. */
export type WindowKind =
  | { readonly kind: 'tumbling'; readonly size: number; readonly offset: number }
  | { readonly kind: 'hopping'; readonly size: number; readonly every: number; readonly offset: number }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly zone: string }
  | { readonly kind: 'session'; readonly gap: number }
  | { readonly kind: 'sliding'; readonly size: number };

/** A window of one group. `end` is the first ms that is not in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `end` is as results show it: the last ms in a sliding window. */
export interface ExpectedWindow extends Span {
  readonly key: string;
  /** The event time of its results: the last ms in it. */
  readonly time: number;
  readonly figures: Figures;
  /** Whether the final watermark has passed its end. */
  readonly closed: boolean;
}

/** The counters over (record, window) pairs (DESIGN.md 4.7). What is late is dropped here. */
export interface ExpectedCounters {
  pairs: number;
  assigned: number;
  lateKept: number;
  lateDropped: number;
  gapDropped: number;
}

export interface Expected {
  /** By key, start and end. */
  readonly windows: ReadonlyMap<string, ExpectedWindow>;
  /** Absent where the specification does not say which pairs there are. */
  readonly counters?: ExpectedCounters;
}

export const nameOf = (key: string, { start, end }: Span): string => `${key} [${start}, ${end})`;

export const noCounters = (): ExpectedCounters => ({ pairs: 0, assigned: 0, lateKept: 0, lateDropped: 0, gapDropped: 0 });

/** What becomes of a (record, window) pair by the record's own watermark (DESIGN.md 4.3 and 4.6). */
export function verdictOf(end: number, watermark: number, keep: number): 'assigned' | 'lateKept' | 'lateDropped' {
  if (end - 1 + keep <= watermark) return 'lateDropped';
  return end - 1 <= watermark ? 'lateKept' : 'assigned';
}

/** Windows that are where they are whatever records there are: tumbling, hopping and calendar ones. */
export function alignedWindows(
  kind: Extract<WindowKind, { kind: 'tumbling' | 'hopping' | 'calendar' }>,
  events: readonly JudgedEvent[],
  { keep, end: finalWatermark }: { readonly keep: number; readonly end: number },
): Expected {
  const counters = noCounters();
  const members = new Map<string, { key: string; span: Span; events: JudgedEvent[] }>();
  for (const event of events) {
    const spans = spansOf(kind, event.time);
    counters.pairs += Math.max(1, spans.length);
    if (spans.length === 0) counters.gapDropped += 1;
    for (const span of spans) {
      const verdict = verdictOf(span.end, event.watermark, keep);
      counters[verdict] += 1;
      if (verdict === 'lateDropped') continue;
      const name = nameOf(event.key, span);
      const member = members.get(name) ?? { key: event.key, span, events: [] };
      members.set(name, member);
      member.events.push(event);
    }
  }
  const windows = new Map<string, ExpectedWindow>();
  for (const [name, { key, span, events: within }] of members) {
    windows.set(name, { key, ...span, time: span.end - 1, figures: figuresOf(within), closed: span.end - 1 <= finalWatermark });
  }
  return { windows, counters };
}

/** All windows that hold an instant, found by trying every one nearby. */
function spansOf(kind: Extract<WindowKind, { kind: 'tumbling' | 'hopping' | 'calendar' }>, time: number): Span[] {
  if (kind.kind === 'calendar') return [calendarWindow(kind.unit, kind.zone, time)];
  const every = kind.kind === 'tumbling' ? kind.size : kind.every;
  const spans: Span[] = [];
  const around = Math.round((time - kind.offset) / every);
  const reach = Math.ceil(kind.size / every) + 2;
  for (let number = around - reach; number <= around + reach; number += 1) {
    const start = kind.offset + number * every;
    if (start <= time && time < start + kind.size) spans.push({ start, end: start + kind.size });
  }
  return spans;
}
