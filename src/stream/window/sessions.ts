import type { JsonValue } from '../../record/json.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import type { Changelog } from '../../sdk/operator.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { Deadlines } from '../state/deadlines.ts';
import { Journal } from '../state/journal.ts';
import { copyOfEntry, decodeEntry, type Entry, encodeEntry, newEntry } from './entry.ts';

/** Records of a group, each at most a gap from the next. */
export interface Session {
  readonly group: GroupId;
  /** The times of its first and last record. */
  start: number;
  last: number;
  readonly entry: Entry;
  /** Its result on time has been emitted. */
  closed: boolean;
  /** False once it is merged into another, or dropped. */
  alive: boolean;
  /** When it is looked at: not after something is to be done with it. */
  due: number;
}

/** The sessions of a group, by their start. */
interface Group {
  readonly sessions: Session[];
  /** The micro-batch that changed it last. */
  epoch: number;
}

/** A group as it was. */
interface Change {
  readonly group: GroupId;
  readonly before: readonly Session[];
}

interface SessionOptions {
  readonly gap: number;
  readonly keep: number;
  readonly aggregation: Aggregation;
  readonly groupBy: GroupBy;
}

const NO_SESSIONS: readonly Session[] = [];

/** The state of session windows. */
export class Sessions {
  readonly #options: SessionOptions;
  /** For how long a session stays after `end - 1`: a record at its very end is on time, and belongs to it. */
  readonly #hold: number;
  readonly #groups = new Map<GroupId, Group>();
  readonly #journal = new Journal<Change>();
  readonly #due = new Deadlines<Session>();
  #size = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#hold = Math.max(1, options.keep);
  }

  get size(): number {
    return this.#size;
  }

  get watermark(): number {
    return this.#journal.watermark;
  }

  set watermark(to: number) {
    this.#journal.watermark = to;
  }

  endOf({ last }: Session): number {
    return last + this.#options.gap;
  }

  of(group: GroupId): readonly Session[] {
    return this.#groups.get(group)?.sessions ?? NO_SESSIONS;
  }

  /** All sessions, in the order of time. */
  inOrder(): Session[] {
    return [...this.#all()].toSorted((a, b) => a.start - b.start);
  }

  /** The sessions of groups that the micro-batch at work has changed. */
  *changed(): Generator<Session> {
    for (const { group } of this.#journal.current) yield* this.of(group);
  }

  *#all(): Generator<Session> {
    for (const { sessions } of this.#groups.values()) yield* sessions;
  }

  /** Nothing is to be closed or dropped before; Infinity: nothing at all. */
  get nextDue(): number {
    return this.#due.next;
  }

  /** The session that is to be closed or dropped next at the present watermark, if any. */
  takeDue(): Session | undefined {
    while (this.#due.next <= this.watermark) {
      const time = this.#due.next;
      const session = this.#due.take();
      if (!session.alive || session.due !== time) continue;
      // It has grown since it was put there.
      if (this.#dueOf(session) <= this.watermark) return session;
      this.schedule(session);
    }
    return undefined;
  }

  /** To be called where a session is due sooner than before, and when it was due. */
  schedule(session: Session): void {
    session.due = this.#dueOf(session);
    this.#due.add(session.due, session);
  }

  #dueOf(session: Session): number {
    const last = this.endOf(session) - 1;
    return session.closed ? last + this.#hold : last;
  }

  /** To be called before anything of a group is changed. */
  touch(group: GroupId): void {
    const found = this.#groups.get(group);
    if (found?.epoch === this.#journal.epoch) return;
    const before = found === undefined ? NO_SESSIONS : found.sessions.map((session) => this.#copyOf(session));
    this.#journal.note({ group, before });
    if (found !== undefined) found.epoch = this.#journal.epoch;
  }

  /** A new session of a group that has been touched, as yet without records. */
  open(group: GroupId, time: number): Session {
    const entry = newEntry(this.#options.aggregation, this.#journal.epoch);
    const closed = time + this.#options.gap - 1 <= this.watermark;
    const session: Session = { group, start: time, last: time, entry, closed, alive: true, due: 0 };
    this.#insert(session, this.#journal.epoch);
    this.schedule(session);
    return session;
  }

  /** Takes away a session of a group that has been touched. */
  drop(session: Session): void {
    const group = this.#groups.get(session.group) as Group;
    group.sessions.splice(group.sessions.indexOf(session), 1);
    session.alive = false;
    this.#size -= 1;
    if (group.sessions.length === 0) this.#groups.delete(session.group);
  }

  #insert(session: Session, epoch: number): void {
    let group = this.#groups.get(session.group);
    if (group === undefined) {
      group = { sessions: [], epoch };
      this.#groups.set(session.group, group);
    }
    let at = group.sessions.length;
    while (at > 0 && (group.sessions[at - 1] as Session).start > session.start) at -= 1;
    group.sessions.splice(at, 0, session);
    this.#size += 1;
  }

  #copyOf(session: Session): Session {
    return { ...session, entry: copyOfEntry(this.#options.aggregation, session.entry) };
  }

  /** Ends the micro-batch and writes what has changed. */
  flush(changes: Changelog): void {
    for (const change of this.#journal.current) this.#write(change, changes);
    this.#journal.seal();
  }

  #write({ group, before }: Change, changes: Changelog): void {
    const now = this.of(group);
    for (const { start } of before)
      if (!now.some((session) => session.start === start)) changes.remove(this.#keyOf(group, start));
    for (const { start, last, entry } of now) {
      const stored = [...encodeEntry(this.#options.aggregation, entry), last];
      changes.put(this.#keyOf(group, start), JSON.stringify(stored));
    }
  }

  #keyOf(group: GroupId, start: number): string {
    return `[${this.#options.groupBy.textOf(group)},${start}]`;
  }

  commit(): void {
    this.#journal.commit();
  }

  rollback(): void {
    this.#journal.rollback(({ group, before }) => {
      for (const session of [...this.of(group)]) this.drop(session);
      for (const session of before) this.#insert(session, -1);
    });
    this.#scheduleAll();
  }

  restore(key: string, value: string | null): void {
    const [values, start] = JSON.parse(key) as [JsonValue[], number];
    const group = this.#options.groupBy.idOfValues(values);
    const before = this.of(group).find((session) => session.start === start);
    if (before !== undefined) this.drop(before);
    if (value === null) return;
    const stored = JSON.parse(value) as JsonValue[];
    const entry = decodeEntry(this.#options.aggregation, stored);
    this.#insert({ group, start, last: stored.at(-1) as number, entry, closed: false, alive: true, due: 0 }, -1);
  }

  /** All has been restored as it was at `watermark`. */
  restored(watermark: number): void {
    this.#journal.restored(watermark);
    for (const session of this.#all()) session.closed = this.endOf(session) - 1 <= watermark;
    this.#scheduleAll();
  }

  #scheduleAll(): void {
    this.#due.clear();
    for (const session of this.#all()) this.schedule(session);
  }
}
