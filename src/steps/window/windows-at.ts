import { FixedWindows } from '../../stream/window/aligned-windows.ts';
import { calendarWindows } from './calendar-windows.ts';
import { kindOf } from './kinds.ts';

/** A span of event time, [start, end), in ms since 1970. */
export interface WindowSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * The windows of a step's options that a record of a time belongs to, for people; the first to begin comes first. Of a session, which
 * grows with its records, what the record alone makes of it; of sliding windows the one that ends with the record.
 */
export function windowsAt(options: Parameters<typeof kindOf>[0], time: number): readonly WindowSpan[] {
  const kind = kindOf(options);
  if (kind.kind === 'session') return [{ start: time, end: time + kind.gap }];
  if (kind.kind === 'sliding') return [{ start: time - kind.size, end: time + 1 }];
  const windows =
    kind.kind === 'hopping'
      ? new FixedWindows(kind.size, kind.every, kind.offset)
      : calendarWindows(kind.unit, kind.zone, kind.weekStart);
  if (windows === undefined) return [];
  const spans: WindowSpan[] = [];
  for (let start = windows.lastStart(time), i = 0; i < windows.overlap; i += 1, start = windows.previousStart(start)) {
    const end = windows.endOf(start);
    if (end > time) spans.unshift({ start, end });
  }
  return spans;
}
