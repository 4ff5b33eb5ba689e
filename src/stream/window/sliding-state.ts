import type { JsonValue } from '../../record/json.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import { type Changelog, NO_WATERMARK } from '../../sdk/operator.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { Deadlines } from '../state/deadlines.ts';
import { Journal } from '../state/journal.ts';
import { countBefore, type Emitted, type Moment, type MomentGroup, placeFor } from './moments.ts';

/** A group as it was. */
interface Change {
  readonly id: GroupId;
  readonly moments: readonly Moment[];
  readonly windows: ReadonlyMap<number, Emitted>;
}

interface SlidingOptions {
  readonly size: number;
  readonly keep: number;
  readonly aggregation: Aggregation;
  readonly groupBy: GroupBy;
}

const STANDS = 1;
const DIRTY = 2;

/** The state of sliding windows: what each group has gathered at each time. Windows are made of that when they are emitted. */
export class SlidingState {
  readonly #options: SlidingOptions;
  readonly #groups = new Map<GroupId, MomentGroup>();
  readonly #journal = new Journal<Change>();
  readonly #due = new Deadlines<GroupId>();
  #size = 0;

  constructor(options: SlidingOptions) {
    this.#options = options;
  }

  /** Times of groups. */
  get size(): number {
    return this.#size;
  }

  get watermark(): number {
    return this.#journal.watermark;
  }

  set watermark(to: number) {
    this.#journal.watermark = to;
  }

  all(): Iterable<MomentGroup> {
    return this.#groups.values();
  }

  /** The groups that the micro-batch at work has changed, each once. */
  changed(): Set<MomentGroup> {
    const changed = new Set<MomentGroup>();
    for (const { id } of this.#journal.current) {
      const group = this.#groups.get(id);
      if (group !== undefined) changed.add(group);
    }
    return changed;
  }

  /** The group that has something due next at the present watermark, and when it is due. */
  takeDue(): { readonly time: number; readonly group: MomentGroup } | undefined {
    while (this.#due.next <= this.watermark) {
      const time = this.#due.next;
      const group = this.#groups.get(this.#due.take());
      if (group !== undefined) return { time, group };
    }
    return undefined;
  }

  /** The group, made where there is none, to be changed. */
  groupOf(id: GroupId): MomentGroup {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { id, moments: [], windows: new Map(), epoch: -1, closedTo: NO_WATERMARK };
      this.#groups.set(id, group);
    }
    this.touch(group);
    return group;
  }

  /** To be called before a group is changed. */
  touch(group: MomentGroup): void {
    if (group.epoch === this.#journal.epoch) return;
    const windows = new Map([...group.windows].map(([end, emitted]) => [end, { ...emitted }]));
    this.#journal.note({ id: group.id, moments: [...group.moments], windows });
    group.epoch = this.#journal.epoch;
  }

  has(id: GroupId, time: number, from: number): boolean {
    const moments = this.#groups.get(id)?.moments;
    return moments !== undefined && this.#find(moments, time, from) !== undefined;
  }

  /** The moment of a group that has been touched, made where there is none, to be changed. */
  momentOf(group: MomentGroup, time: number, from: number): Moment {
    const { aggregation } = this.#options;
    const { epoch } = this.#journal;
    const at = this.#find(group.moments, time, from);
    const found = at === undefined ? undefined : (group.moments[at] as Moment);
    if (found?.epoch === epoch) return found;
    // A moment that an earlier micro-batch made stays as it was, for the way back.
    const accumulators = found === undefined ? aggregation.create() : aggregation.clone(found.accumulators);
    const moment: Moment = { time, from, accumulators, epoch };
    if (at !== undefined) group.moments[at] = moment;
    else this.#insert(group, moment);
    return moment;
  }

  #find(moments: readonly Moment[], time: number, from: number): number | undefined {
    for (let i = countBefore(moments, time); i < moments.length; i += 1) {
      const moment = moments[i] as Moment;
      if (moment.time !== time) return undefined;
      if (moment.from === from) return i;
    }
    return undefined;
  }

  #insert(group: MomentGroup, moment: Moment): void {
    group.moments.splice(placeFor(group.moments, moment), 0, moment);
    this.#size += 1;
    this.#schedule(group, moment);
  }

  /** A moment's own window ends with it, the next begins after it; and it is kept for as long as any window that it is in. */
  #schedule({ id }: MomentGroup, { time }: Moment): void {
    const next = time + 1 + this.#options.size;
    if (time > this.watermark) this.#due.add(time, id);
    if (next > this.watermark) this.#due.add(next, id);
    if (this.#options.keep > 0) this.#due.add(next + this.#options.keep, id);
  }

  /** Forgets what no window needs any more when event time has come to `time`. The group has been touched. */
  expire(group: MomentGroup, time: number): void {
    const { size, keep } = this.#options;
    const count = countBefore(group.moments, time - keep - size);
    if (count > 0) group.moments = group.moments.slice(count);
    this.#size -= count;
    for (const end of group.windows.keys()) if (end + keep <= time) group.windows.delete(end);
    if (group.moments.length === 0) this.#groups.delete(group.id);
  }

  /** Ends the micro-batch and writes what has changed. */
  flush(changes: Changelog): void {
    for (const change of this.#journal.current) this.#write(change, changes);
    this.#journal.seal();
  }

  #write(before: Change, changes: Changelog): void {
    const group = this.#groups.get(before.id);
    const name = this.#options.groupBy.textOf(before.id);
    const { moments = [], windows = new Map<number, Emitted>() } = group ?? {};
    for (const { time, from } of before.moments)
      if (this.#find(moments, time, from) === undefined) changes.remove(`[${name},${time},${from}]`);
    for (const end of before.windows.keys()) if (!windows.has(end)) changes.remove(`[${name},${end}]`);
    for (const { time, from, accumulators, epoch } of moments) {
      if (epoch !== this.#journal.epoch) continue;
      changes.put(`[${name},${time},${from}]`, JSON.stringify(this.#options.aggregation.encode(accumulators)));
    }
    for (const [end, { revision, stands, dirty }] of windows) {
      const was = before.windows.get(end);
      if (was?.revision === revision && was.stands === stands && was.dirty === dirty) continue;
      changes.put(`[${name},${end}]`, JSON.stringify([revision, (stands ? STANDS : 0) + (dirty ? DIRTY : 0)]));
    }
  }

  commit(): void {
    this.#journal.commit();
  }

  rollback(): void {
    this.#journal.rollback(({ id, moments, windows }) => {
      this.#size += moments.length - (this.#groups.get(id)?.moments.length ?? 0);
      if (moments.length === 0) this.#groups.delete(id);
      else this.#groups.set(id, { id, moments: [...moments], windows: new Map(windows), epoch: -1, closedTo: NO_WATERMARK });
    });
    this.#scheduleAll();
  }

  restore(key: string, value: string | null): void {
    const [values, time, from] = JSON.parse(key) as [JsonValue[], number, number | undefined];
    const id = this.#options.groupBy.idOfValues(values);
    const group = this.#groups.get(id) ?? { id, moments: [], windows: new Map(), epoch: -1, closedTo: NO_WATERMARK };
    this.#groups.set(id, group);
    if (from === undefined) restoreWindow(group, time, value);
    else this.#restoreMoment(group, { time, from }, value);
  }

  #restoreMoment(group: MomentGroup, { time, from }: { time: number; from: number }, value: string | null): void {
    const at = this.#find(group.moments, time, from);
    if (at !== undefined) {
      group.moments.splice(at, 1);
      this.#size -= 1;
    }
    if (value === null) return;
    const accumulators = this.#options.aggregation.decode(JSON.parse(value) as JsonValue);
    const moment: Moment = { time, from, accumulators, epoch: -1 };
    group.moments.splice(placeFor(group.moments, moment), 0, moment);
    this.#size += 1;
  }

  /** All has been restored as it was at `watermark`. */
  restored(watermark: number): void {
    this.#journal.restored(watermark);
    for (const group of this.#groups.values()) if (group.moments.length === 0) this.#groups.delete(group.id);
    this.#scheduleAll();
  }

  #scheduleAll(): void {
    this.#due.clear();
    for (const group of this.#groups.values()) for (const moment of group.moments) this.#schedule(group, moment);
  }
}

function restoreWindow({ windows }: MomentGroup, end: number, value: string | null): void {
  windows.delete(end);
  if (value === null) return;
  const [revision, flags] = JSON.parse(value) as [number, number];
  windows.set(end, { revision, stands: (flags & STANDS) !== 0, dirty: (flags & DIRTY) !== 0 });
}
