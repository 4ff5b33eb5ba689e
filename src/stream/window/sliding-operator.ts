import type { StreamRecord } from '../../record/record.ts';
import type { Changelog, OperatorContext, OperatorOutcome, PartitionOperator, RecordTime } from '../../sdk/operator.ts';
import { LeftOutReport } from './left-out-report.ts';
import { type Emitted, endsAround, gatherWindow, type Moment, type MomentGroup } from './moments.ts';
import { PairCounter } from './pair-counter.ts';
import { groupTooLong, tooManyGroups } from './refusals.ts';
import { type Pane, Results } from './results.ts';
import type { WindowSettings } from './settings.ts';
import { SlidingState } from './sliding-state.ts';
import { WallClockTurns } from './wall-clock-turns.ts';

/** A window of which a result is due. */
interface ChangedWindow {
  readonly group: MomentGroup;
  readonly end: number;
}

/**
 * Sliding windows of one partition, as Kafka Streams' SlidingWindows: for each record [time - size, time] and, where something is
 * in it, [time + 1, time + 1 + size]; both ends are part of a window. Starts may be negative.
 *
 * A window is complete when the watermark comes to its end. A record is late where all windows that could hold it have been given
 * up, so where `time + size + keep` is not after its watermark; of the windows that are not given up it is in all. It counts as
 * one (record, window) pair, because which windows there are is known only later.
 */
export class SlidingOperator implements PartitionOperator {
  readonly #size: number;
  readonly #settings: WindowSettings;
  readonly #context: OperatorContext;
  readonly #results: Results;
  readonly #counter: PairCounter;
  readonly #leftOut: LeftOutReport;
  readonly #state: SlidingState;
  readonly #turns: WallClockTurns<ChangedWindow> | undefined;

  /** `size` in ms. */
  constructor(size: number, settings: WindowSettings, context: OperatorContext) {
    this.#size = size;
    this.#settings = settings;
    this.#context = context;
    this.#results = new Results(settings, context, true);
    this.#counter = new PairCounter(settings.late, context.counters);
    this.#leftOut = new LeftOutReport(settings.aggregation, context);
    this.#state = new SlidingState({ size, ...settings });
    this.#turns = typeof settings.emit === 'object' ? new WallClockTurns(settings.emit.every) : undefined;
  }

  get size(): number {
    return this.#state.size;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome {
    const { groupBy, keep, maxGroups, aggregation } = this.#settings;
    const id = groupBy.idOf(record);
    if (id === undefined) return groupTooLong();
    const { time } = at;
    const horizon = Math.max(at.watermark, this.#state.watermark) - keep;
    if (time + this.#size <= horizon) return this.#counter.count(at, { assigned: 0, kept: 0, refused: 1 });
    const from = Math.max(time, horizon + 1);
    const isNew = !this.#state.has(id, time, from);
    if (isNew && this.#state.size >= maxGroups) return tooManyGroups(this.#context, maxGroups);
    const group = this.#state.groupOf(id);
    const moment = this.#state.momentOf(group, time, from);
    aggregation.add(moment.accumulators, record, time);
    if (this.#settings.emit !== 'close' || time <= this.#state.watermark) this.#gathered(group, moment, isNew);
    const kept = time + this.#size <= at.watermark ? 1 : 0;
    return this.#counter.count(at, { assigned: 1 - kept, kept, refused: 0 });
  }

  /** A moment has got more: so have the windows that it is in. */
  #gathered(group: MomentGroup, moment: Moment, isNew: boolean): void {
    const { emit } = this.#settings;
    for (const end of endsAround(group, moment, this.#size)) {
      if (end > moment.time + this.#size && !isNew) continue;
      const closed = end <= this.#state.watermark;
      if (closed && emit !== 'update') this.#emit(group, end, 'late');
      else if (closed || emit !== 'close') this.#mark(group, end);
    }
  }

  #mark(group: MomentGroup, end: number): void {
    const emitted = group.windows.get(end) ?? { revision: 0, stands: false, dirty: false };
    if (!emitted.dirty) this.#turns?.add({ group, end });
    group.windows.set(end, { ...emitted, dirty: true });
  }

  /** Emits the next result of a window, where there is one. The group has been touched. */
  #emit(group: MomentGroup, end: number, pane: Pane): void {
    const accumulators = gatherWindow(this.#settings.aggregation, group, end, this.#size);
    const before = group.windows.get(end);
    if (accumulators === undefined) {
      if (before !== undefined) group.windows.delete(end);
      return;
    }
    const { revision, stands }: Emitted = before ?? { revision: 0, stands: false, dirty: false };
    const entry = { accumulators, revision, stands, dirty: false, stored: false, epoch: -1 };
    this.#results.emit({ start: end - this.#size, end, time: end }, group.id, entry, pane);
    group.windows.set(end, { revision: entry.revision, stands: entry.stands, dirty: false });
  }

  advance(watermark: number): void {
    if (watermark <= this.#state.watermark) return;
    this.#state.watermark = watermark;
    for (let due = this.#state.takeDue(); due !== undefined; due = this.#state.takeDue()) {
      const { time, group } = due;
      this.#state.touch(group);
      if (time > group.closedTo) this.#emit(group, time, 'on_time');
      group.closedTo = time;
      this.#expire(group, time);
    }
  }

  #expire(group: MomentGroup, time: number): void {
    const { keep } = this.#settings;
    for (const [end, { dirty }] of group.windows) if (dirty && end + keep <= time) this.#emit(group, end, 'late');
    this.#state.expire(group, time);
  }

  tick(now: number): void {
    if (this.#turns === undefined) return;
    for (const { group, end } of this.#turns.take(now)) {
      if (group.windows.get(end)?.dirty !== true) continue;
      this.#state.touch(group);
      this.#emit(group, end, 'early');
    }
  }

  flush(changes: Changelog): void {
    if (this.#settings.emit === 'update') {
      for (const group of this.#state.changed()) {
        for (const end of dirtyEnds(group)) this.#emit(group, end, end <= this.#state.watermark ? 'late' : 'early');
      }
    }
    this.#state.flush(changes);
    this.#counter.seal();
    this.#leftOut.check();
  }

  commit(): void {
    this.#state.commit();
    this.#counter.commit();
  }

  rollback(): void {
    this.#state.rollback();
    this.#counter.rollback();
    this.#collectTurns();
  }

  restore(key: string, value: string | null): void {
    this.#state.restore(key, value);
  }

  restored(watermark: number): void {
    this.#state.restored(watermark);
    this.#collectTurns();
  }

  #collectTurns(): void {
    if (this.#turns === undefined) return;
    this.#turns.clear();
    for (const group of this.#state.all()) for (const end of dirtyEnds(group)) this.#turns.add({ group, end });
  }

  emitOpen(): void {
    for (const group of this.#state.all()) {
      for (const end of this.#openEnds(group)) {
        const accumulators = gatherWindow(this.#settings.aggregation, group, end, this.#size);
        if (accumulators === undefined) continue;
        const { revision, stands } = group.windows.get(end) ?? { revision: 0, stands: false };
        const entry = { accumulators, revision, stands, dirty: false, stored: false, epoch: -1 };
        this.#results.preview({ start: end - this.#size, end, time: end }, group.id, entry);
      }
    }
  }

  #openEnds({ moments }: MomentGroup): number[] {
    const ends = new Set(moments.flatMap(({ time }) => [time, time + 1 + this.#size]));
    return [...ends].filter((end) => end > this.#state.watermark).toSorted((a, b) => a - b);
  }
}

function dirtyEnds({ windows }: MomentGroup): number[] {
  return [...windows]
    .filter(([, { dirty }]) => dirty)
    .map(([end]) => end)
    .toSorted((a, b) => a - b);
}
