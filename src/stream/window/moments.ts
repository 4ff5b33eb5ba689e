import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';
import type { GroupId } from '../group-by.ts';
import type { Entry } from './entry.ts';

/** What a group has gathered of the records of one time. */
export interface Moment {
  readonly time: number;
  /** The end of the first window that has it: its own time, or later where its records were late for the windows before. */
  readonly from: number;
  accumulators: Accumulators;
  /** The micro-batch that changed it last. */
  epoch: number;
}

/** What was emitted of a window, as far as it matters for what is emitted next. */
export type Emitted = Pick<Entry, 'revision' | 'stands' | 'dirty'>;

/** The moments of a group, by their time, and its windows of which something was emitted, by their end. */
export interface MomentGroup {
  readonly id: GroupId;
  moments: Moment[];
  windows: Map<number, Emitted>;
  /** The micro-batch that changed it last. */
  epoch: number;
  /** The end of the last window whose result on time was emitted. */
  closedTo: number;
}

/** The number of moments before `time`. */
export function countBefore(moments: readonly Moment[], time: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as Moment).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where a moment goes. Those of one time are in the order in which their records came, which is that of `from`, for a watermark only
 * rises: `first` and `last` depend on it.
 */
export function placeFor(moments: readonly Moment[], { time, from }: Pick<Moment, 'time' | 'from'>): number {
  let at = countBefore(moments, time);
  for (; at < moments.length; at += 1) {
    const other = moments[at] as Moment;
    if (other.time > time || other.from > from) break;
  }
  return at;
}

/**
 * What the window with this end holds, both ends inclusive; `undefined` where there is no such window. There is one for each
 * time, which ends with it, and one that begins just after it, where something is in it.
 */
export function gatherWindow(aggregation: Aggregation, group: MomentGroup, end: number, size: number): Accumulators | undefined {
  const { moments } = group;
  const first = countBefore(moments, end - size);
  let gathered: Accumulators | undefined;
  let exists = moments[first - 1]?.time === end - size - 1;
  for (let i = first; i < moments.length; i += 1) {
    const { time, from, accumulators } = moments[i] as Moment;
    if (time > end) break;
    if (from > end) continue;
    if (time === end) exists = true;
    gathered ??= aggregation.create();
    aggregation.merge(gathered, accumulators);
  }
  return exists ? gathered : undefined;
}

/** The ends of the windows, as far as they may exist, that a moment is in, or that exist by it. In order, each once. */
export function endsAround({ moments }: MomentGroup, moment: Moment, size: number): number[] {
  const ends = new Set<number>();
  const { time, from } = moment;
  for (let i = countBefore(moments, time - size - 1); i < moments.length; i += 1) {
    const other = moments[i] as Moment;
    if (other.time > time + size) break;
    if (other.time < time && other.time + 1 + size >= from) ends.add(other.time + 1 + size);
    if (other.time >= time && other.from <= other.time && other.time >= from) ends.add(other.time);
  }
  ends.add(time + 1 + size);
  return [...ends].toSorted((a, b) => a - b);
}
