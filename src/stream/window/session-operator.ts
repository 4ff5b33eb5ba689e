import type { StreamRecord } from '../../record/record.ts';
import type { Changelog, OperatorContext, OperatorOutcome, PartitionOperator, RecordTime } from '../../sdk/operator.ts';
import type { GroupId } from '../group-by.ts';
import { LeftOutReport } from './left-out-report.ts';
import { PairCounter } from './pair-counter.ts';
import { groupTooLong, tooManyGroups } from './refusals.ts';
import { Results, type ResultWindow } from './results.ts';
import { type Session, Sessions } from './sessions.ts';
import type { WindowSettings } from './settings.ts';
import { WallClockTurns } from './wall-clock-turns.ts';

/**
 * Session windows of one partition: records of a group at most `gap` apart are one session, [first, last + gap).
 *
 * A session takes a record as long as its `end - 1 + keep` is after the watermark of the record's partition; one that is on time
 * is taken by any session that it touches. So two records exactly `gap` apart are one session also where the watermark had come to
 * `end - 1` between them: then the result on time, which has been emitted, is revised.
 *
 * A result's id depends on the start of its session. One that gets an earlier start, or is merged into another, takes its result back.
 */
export class SessionOperator implements PartitionOperator {
  readonly #gap: number;
  readonly #settings: WindowSettings;
  readonly #context: OperatorContext;
  readonly #results: Results;
  readonly #counter: PairCounter;
  readonly #leftOut: LeftOutReport;
  readonly #sessions: Sessions;
  readonly #turns: WallClockTurns<Session> | undefined;
  readonly #touched: Session[] = [];
  readonly #isFull: () => boolean;
  stoppedAt: number | undefined;

  /** `gap` in ms. */
  constructor(gap: number, settings: WindowSettings, context: OperatorContext) {
    this.#gap = gap;
    this.#settings = settings;
    this.#context = context;
    this.#isFull = context.isFull ?? (() => false);
    this.#results = new Results(settings, context, false);
    this.#counter = new PairCounter(settings.late, context.counters);
    this.#leftOut = new LeftOutReport(settings.aggregation, context);
    this.#sessions = new Sessions({ gap, ...settings });
    this.#turns = typeof settings.emit === 'object' ? new WallClockTurns(settings.emit.every) : undefined;
  }

  get size(): number {
    return this.#sessions.size;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome {
    const group = this.#settings.groupBy.idOf(record);
    if (group === undefined) return groupTooLong();
    const watermark = Math.max(at.watermark, this.#sessions.watermark);
    const touched = this.#touchedBy(group, at.time, watermark);
    if (touched.length === 0) {
      if (at.time + this.#gap - 1 + this.#settings.keep <= watermark)
        return this.#counter.count(at, { assigned: 0, kept: 0, refused: 1 });
      if (this.#sessions.size >= this.#settings.maxGroups) return tooManyGroups(this.#context, this.#settings.maxGroups);
    }
    this.#sessions.touch(group);
    // One whose time has come, but whose result had no room yet, has it before another record changes it.
    for (const each of touched) if (!each.closed && this.#sessions.endOf(each) - 1 <= this.#sessions.watermark) this.#close(each);
    const session = touched.length === 0 ? this.#sessions.open(group, at.time) : this.#join(touched, at.time);
    this.#settings.aggregation.add(session.entry.accumulators, record, at.time);
    this.#gathered(session);
    const kept = this.#sessions.endOf(session) - 1 <= at.watermark ? 1 : 0;
    return this.#counter.count(at, { assigned: 1 - kept, kept, refused: 0 });
  }

  /** The sessions that a record belongs to: they are one, once it is there. The list serves all records. */
  #touchedBy(group: GroupId, time: number, watermark: number): readonly Session[] {
    const touched = this.#touched;
    touched.length = 0;
    for (const session of this.#sessions.of(group)) {
      const end = this.#sessions.endOf(session);
      if (time < session.start - this.#gap || time > end) continue;
      if (time > watermark || end - 1 + this.#settings.keep > watermark) touched.push(session);
    }
    return touched;
  }

  /** Makes one session of all these and a record at `time`: the first of them. */
  #join(touched: readonly Session[], time: number): Session {
    const session = touched[0] as Session;
    if (time < session.start) {
      this.#withdraw(session);
      session.entry.revision = 0;
      session.entry.stands = false;
      session.start = time;
    }
    session.last = Math.max(session.last, time);
    for (let i = 1; i < touched.length; i += 1) {
      const other = touched[i] as Session;
      this.#withdraw(other);
      this.#settings.aggregation.merge(session.entry.accumulators, other.entry.accumulators);
      session.last = Math.max(session.last, other.last);
      this.#sessions.drop(other);
    }
    if (session.closed && this.#sessions.endOf(session) - 1 > this.#sessions.watermark) {
      session.closed = false;
      this.#sessions.schedule(session);
    }
    return session;
  }

  #withdraw(session: Session): void {
    const { group, entry } = session;
    if (entry.stands) this.#results.withdraw(this.#windowOf(session), group, entry.revision + 1);
  }

  /** A session has got more. */
  #gathered(session: Session): void {
    const { group, entry } = session;
    if (session.closed && this.#settings.emit !== 'update') {
      this.#results.emit(this.#windowOf(session), group, entry, 'late');
      return;
    }
    if (!entry.dirty) this.#turns?.add(session);
    entry.dirty = true;
  }

  #windowOf(session: Session): ResultWindow {
    const end = this.#sessions.endOf(session);
    return { start: session.start, end, time: end - 1 };
  }

  advance(watermark: number): void {
    this.stoppedAt = this.#advance(watermark);
  }

  #advance(watermark: number): number | undefined {
    const sessions = this.#sessions;
    sessions.watermark = Math.max(sessions.watermark, watermark);
    let last = Number.NEGATIVE_INFINITY;
    while (sessions.nextDue <= sessions.watermark) {
      // What is due at one time is done in one micro-batch: a restore tells by the time what has been done.
      if (sessions.nextDue > last && this.#isFull()) return sessions.nextDue - 1;
      const due = sessions.takeDue();
      if (due === undefined) break;
      last = due.due;
      sessions.touch(due.group);
      if (due.closed) this.#expire(due);
      else this.#close(due);
    }
    return undefined;
  }

  #close(session: Session): void {
    session.closed = true;
    this.#results.emit(this.#windowOf(session), session.group, session.entry, 'on_time');
    this.#sessions.schedule(session);
  }

  #expire(session: Session): void {
    if (session.entry.dirty) this.#results.emit(this.#windowOf(session), session.group, session.entry, 'late');
    this.#sessions.drop(session);
  }

  tick(now: number): void {
    if (this.#turns === undefined) return;
    for (const session of this.#turns.take(now)) {
      if (!session.alive || !session.entry.dirty) continue;
      this.#sessions.touch(session.group);
      this.#results.emit(this.#windowOf(session), session.group, session.entry, 'early');
    }
  }

  flush(changes: Changelog): void {
    if (this.#settings.emit === 'update') {
      for (const session of this.#sessions.changed()) {
        if (!session.entry.dirty) continue;
        this.#results.emit(this.#windowOf(session), session.group, session.entry, session.closed ? 'late' : 'early');
      }
    }
    this.#sessions.flush(changes);
    this.#counter.seal();
    this.#leftOut.check();
  }

  commit(): void {
    this.#sessions.commit();
    this.#counter.commit();
  }

  rollback(): void {
    this.#sessions.rollback();
    this.#counter.rollback();
    this.#collectTurns();
  }

  restore(key: string, value: string | null): void {
    this.#sessions.restore(key, value);
  }

  restored(watermark: number): void {
    this.#sessions.restored(watermark);
    this.#collectTurns();
  }

  #collectTurns(): void {
    if (this.#turns === undefined) return;
    this.#turns.clear();
    for (const session of this.#sessions.inOrder()) if (session.entry.dirty) this.#turns.add(session);
  }

  emitOpen(): void {
    for (const session of this.#sessions.inOrder())
      if (!session.closed) this.#results.preview(this.#windowOf(session), session.group, session.entry);
  }
}
