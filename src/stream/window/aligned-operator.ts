import type { StreamRecord } from '../../record/record.ts';
import type { Accumulators } from '../../sdk/aggregation.ts';
import {
  ABSORBED,
  type Changelog,
  type OperatorContext,
  type OperatorOutcome,
  type PartitionOperator,
  type RecordTime,
} from '../../sdk/operator.ts';
import type { GroupId } from '../group-by.ts';
import type { AlignedWindows } from './aligned-windows.ts';
import { Assignment } from './assignment.ts';
import { type Bucket, Buckets, type Place } from './buckets.ts';
import type { Entry } from './entry.ts';
import { LeftOutReport } from './left-out-report.ts';
import { PairCounter } from './pair-counter.ts';
import { groupTooLong, tooManyGroups } from './refusals.ts';
import { Results } from './results.ts';
import type { WindowSettings } from './settings.ts';
import { WallClockTurns } from './wall-clock-turns.ts';

/**
 * Tumbling, hopping and calendar windows of one partition.
 *
 * A record is late for a window where `end - 1 + keep` is not after the watermark of its own partition. A window's results are
 * emitted when the operator's watermark comes to `end - 1`, and it is dropped `keep` later.
 */
export class AlignedOperator implements PartitionOperator {
  readonly #windows: AlignedWindows;
  readonly #settings: WindowSettings;
  readonly #context: OperatorContext;
  readonly #results: Results;
  readonly #counter: PairCounter;
  readonly #leftOut: LeftOutReport;
  readonly #buckets: Buckets;
  readonly #assignment: Assignment;
  /** With results at intervals: what has changed since the last. */
  readonly #turns: WallClockTurns<Place> | undefined;
  readonly #isFull: () => boolean;
  stoppedAt: number | undefined;

  constructor(windows: AlignedWindows, settings: WindowSettings, context: OperatorContext) {
    this.#windows = windows;
    this.#settings = settings;
    this.#context = context;
    this.#isFull = context.isFull ?? (() => false);
    this.#results = new Results(settings, context, true);
    this.#counter = new PairCounter(settings.late, context.counters);
    this.#leftOut = new LeftOutReport(settings.aggregation, context);
    this.#assignment = new Assignment(windows);
    this.#buckets = new Buckets({ windows, ...settings });
    this.#turns = typeof settings.emit === 'object' ? new WallClockTurns(settings.emit.every) : undefined;
  }

  get size(): number {
    return this.#buckets.size;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome | undefined {
    const group = this.#settings.groupBy.idOf(record);
    if (group === undefined) return groupTooLong();
    // What this operator has dropped it cannot take back, though a record's own watermark should never be behind.
    const horizon = Math.max(at.watermark, this.#buckets.watermark) - this.#settings.keep;
    this.#assignment.judge(at, horizon);
    if (!this.#hasRoom(group)) return tooManyGroups(this.#context, this.#settings.maxGroups);
    const { starts, length } = this.#assignment;
    for (let i = 0; i < length; i += 1) {
      const bucket = this.#open(starts[i] as number);
      const entry = this.#buckets.entryOf(bucket, group);
      this.#settings.aggregation.add(entry.accumulators, record, at.time);
      this.#gathered(bucket, group, entry);
    }
    return this.#counter.count(at, this.#assignment);
  }

  /** Whether all windows that take the record have or get a place for its group. */
  #hasRoom(group: GroupId): boolean {
    const { starts, length } = this.#assignment;
    let room = this.#settings.maxGroups - this.#buckets.size;
    if (room >= length) return true;
    for (let i = 0; i < length; i += 1) if (!this.#buckets.has(starts[i] as number, group)) room -= 1;
    return room >= 0;
  }

  /**
   * Adds what was gathered elsewhere for a group in the window that starts at `start`. Whether its records were late has been
   * judged and counted there; where the window has been dropped here all the same (a partition that had been silent speaks again),
   * what was gathered is late as one.
   */
  merge(start: number, group: GroupId, gathered: Accumulators, at: RecordTime): OperatorOutcome {
    if (this.#windows.endOf(start) - 1 + this.#settings.keep <= this.#buckets.watermark)
      return this.#counter.count(at, { assigned: 0, kept: 0, refused: 1 });
    if (this.#buckets.size >= this.#settings.maxGroups && !this.#buckets.has(start, group))
      return tooManyGroups(this.#context, this.#settings.maxGroups);
    const bucket = this.#open(start);
    const entry = this.#buckets.entryOf(bucket, group);
    this.#settings.aggregation.merge(entry.accumulators, gathered);
    this.#gathered(bucket, group, entry);
    return ABSORBED;
  }

  /** An entry has got more. */
  #gathered(bucket: Bucket, group: GroupId, entry: Entry): void {
    if (bucket.closed && this.#settings.emit !== 'update') {
      this.#results.emit(bucket, group, entry, 'late');
      return;
    }
    if (!entry.dirty) this.#turns?.add({ bucket, group, entry });
    entry.dirty = true;
  }

  advance(watermark: number): void {
    this.stoppedAt = this.#advance(watermark);
  }

  #advance(watermark: number): number | undefined {
    const buckets = this.#buckets;
    buckets.watermark = Math.max(buckets.watermark, watermark);
    for (let last = Number.NEGATIVE_INFINITY; buckets.nextDue <= buckets.watermark; ) {
      const time = buckets.nextDue;
      // What is due at one time is done in one micro-batch: a restore tells by the time what has been done.
      if (time > last && this.#isFull()) return time - 1;
      last = time;
      const due = buckets.takeDue();
      // Closed sooner by a late record, it stays for others.
      if (due.dropped || (due.closed && time < due.time + this.#settings.keep)) continue;
      if (due.closed) this.#expire(due);
      else if (this.#settings.keep > 0) this.#close(due);
      else if (!this.#finish(due)) return time - 1;
    }
    return undefined;
  }

  /** Emits a window whose entries are dropped at once, so that they need not remember what they have emitted. False: not all of them. */
  #finish(bucket: Bucket): boolean {
    let emitted = 0;
    for (const [group, entry] of bucket.groups) {
      if (emitted > 0 && this.#isFull()) {
        this.#buckets.dropFirst(bucket, emitted);
        return false;
      }
      this.#results.next(bucket, group, entry, 'on_time');
      emitted += 1;
    }
    this.#buckets.drop(bucket);
    return true;
  }

  /** A window whose time has come, but whose results had no room yet, is closed before a late record changes it. */
  #open(start: number): Bucket {
    const bucket = this.#buckets.at(start);
    if (!bucket.closed && bucket.time <= this.#buckets.watermark) this.#close(bucket);
    return bucket;
  }

  #close(bucket: Bucket): void {
    this.#buckets.close(bucket);
    for (const [group, entry] of bucket.groups) {
      this.#buckets.touch(bucket, group, entry);
      this.#results.emit(bucket, group, entry, 'on_time');
    }
  }

  #expire(bucket: Bucket): void {
    for (const [group, entry] of bucket.groups) if (entry.dirty) this.#results.next(bucket, group, entry, 'late');
    this.#buckets.drop(bucket);
  }

  tick(now: number): void {
    if (this.#turns === undefined) return;
    for (const { bucket, group, entry } of this.#turns.take(now)) {
      if (bucket.dropped || !entry.dirty) continue;
      this.#buckets.touch(bucket, group, entry);
      this.#results.emit(bucket, group, entry, 'early');
    }
  }

  flush(changes: Changelog): void {
    if (this.#settings.emit === 'update') {
      for (const { bucket, group, entry } of this.#buckets.changed()) {
        if (entry.dirty) this.#results.emit(bucket, group, entry, bucket.closed ? 'late' : 'early');
      }
    }
    this.#buckets.flush(changes);
    this.#counter.seal();
    this.#leftOut.check();
  }

  commit(): void {
    this.#buckets.commit();
    this.#counter.commit();
  }

  rollback(): void {
    this.#buckets.rollback();
    this.#counter.rollback();
    this.#collectTurns();
  }

  restore(key: string, value: string | null): void {
    this.#buckets.restore(key, value);
  }

  restored(watermark: number): void {
    this.#buckets.restored(watermark);
    this.#collectTurns();
  }

  #collectTurns(): void {
    if (this.#turns === undefined) return;
    this.#turns.clear();
    for (const bucket of this.#buckets.inOrder()) {
      for (const [group, entry] of bucket.groups) if (entry.dirty) this.#turns.add({ bucket, group, entry });
    }
  }

  emitOpen(): void {
    for (const bucket of this.#buckets.inOrder()) {
      if (bucket.closed) continue;
      for (const [group, entry] of bucket.groups) this.#results.preview(bucket, group, entry);
    }
  }
}
