import { Column } from '../../record/batch.ts';
import { toIso } from '../../record/iso-time.ts';
import type { JsonValue } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import {
  ABSORBED,
  type Changelog,
  type OperatorContext,
  type OperatorOutcome,
  type PartitionOperator,
  type RecordTime,
} from '../../sdk/operator.ts';
import { rejected } from '../../sdk/step.ts';
import { type GroupBy, type GroupId, MAX_GROUP_LENGTH } from '../group-by.ts';
import type { LatePolicy } from '../late.ts';
import { Origins, type Place } from '../origins.ts';
import { refuseLate } from '../refuse-late.ts';
import { Journal } from '../state/journal.ts';
import { TimeQueue } from '../state/time-queue.ts';
import type { Rule, RuleKey } from './rule.ts';
import { RuleEmitter } from './rule-emitter.ts';
import { RuleStates, type StateChange } from './rule-states.ts';
import { restoredEvent, WaitingEvent } from './waiting-event.ts';

const NO_HEADERS = Buffer.alloc(0);

/** What stands for a character that a key's bytes are none of. */
const NO_CHARACTER = '\uFFFD';

export interface RuleSettings {
  readonly groupBy: GroupBy;
  readonly late: LatePolicy;
  /** For how long, in ms, a record may be late and be taken all the same: at once, when those behind it have had their turn. Absent: 0. */
  readonly keep?: number;
  /** The same, but its time is then where the operator stands: for rules to which a record is one of now. */
  readonly takesLate?: number;
  /** The most keys with a state. A record of one more is rejected. */
  readonly maxKeys: number;
  /** The most records that wait for their turn. */
  readonly maxWaiting: number;
}

type Change<State> =
  | { readonly kind: 'added' | 'removed'; readonly event: WaitingEvent }
  | ({ readonly kind: 'state' } & StateChange<State>);

/** What a key in the changelog stands for: a key's state, or a record that waits. A format. */
const STATE = 's';
const WAITING = 'w';

/**
 * Applies a rule to the records of a partition in the order of event time, whatever order they come in: a record waits until the
 * watermark has come to its time; those of one time are taken as they came. A record that comes when its time has passed is late.
 * Where no record can be out of order (`inOrder`), none waits.
 */
export class RuleOperator<State> implements PartitionOperator {
  readonly #rule: Rule<State>;
  readonly #settings: RuleSettings;
  readonly #context: OperatorContext;
  readonly #origins: Origins;
  readonly #output: RuleEmitter;
  readonly #journal = new Journal<Change<State>>();
  readonly #states: RuleStates<State>;
  readonly #queue = new TimeQueue<WaitingEvent>();
  #waiting = 0;
  #nextSeq = 0;
  /** What must be written of the records that wait: those that came, and those that went. */
  #touched: WaitingEvent[] = [];
  stoppedAt: number | undefined;
  /** Stored records by their key in the changelog, while they are restored. */
  #restoring = new Map<string, WaitingEvent>();

  constructor(rule: Rule<State>, settings: RuleSettings, context: OperatorContext) {
    this.#rule = rule;
    this.#settings = settings;
    this.#context = context;
    this.#origins = new Origins(context);
    this.#output = new RuleEmitter(settings.groupBy, context);
    this.#states = new RuleStates(rule, settings.groupBy, (change) => this.#journal.note({ kind: 'state', ...change }));
  }

  get size(): number {
    return this.#states.size + this.#waiting;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome {
    const { groupBy, late, keep = 0, takesLate = 0, maxKeys, maxWaiting } = this.#settings;
    const { counters, inOrder = false } = this.#context;
    const place = this.#origins.placeOf(record);
    const arrival = this.#rule.onArrival?.(record.value);
    if (arrival !== undefined && arrival !== 'early') return arrival;
    if (at.time + Math.max(keep, takesLate) <= at.watermark) {
      const parameters = { time: toIso(at.time), watermark: toIso(at.watermark), step: this.#context.id };
      return refuseLate(late, counters, { code: 'RULE_RECORD_LATE', parameters });
    }
    const group = groupBy.idOf(record);
    if (group === undefined) return rejected('RULE_KEY_TOO_LONG', { limit: MAX_GROUP_LENGTH });
    if (this.#states.size >= maxKeys && !this.#states.has(group)) return this.#full('RULE_TOO_MANY_KEYS', maxKeys);
    if (this.#waiting >= maxWaiting) return this.#full('RULE_TOO_MANY_WAITING', maxWaiting);
    counters.pairs += 1;
    if (at.time <= at.watermark) counters.lateKept += 1;
    else counters.assigned += 1;
    const isNow = takesLate > 0 && at.time <= at.watermark && (inOrder || at.time <= this.#journal.watermark);
    // None of an earlier time is taken behind it, and for the steps behind it is not late.
    const time = isNow ? (inOrder ? at.watermark : this.#journal.watermark) + 1 : at.time;
    const event = this.#eventOf(record, { time, group, id: place });
    if (arrival === 'early') this.#show(event);
    else if (isNow || inOrder || time <= this.#journal.watermark) this.#take(event);
    else this.#await(event);
    return ABSORBED;
  }

  advance(watermark: number): void {
    if (watermark <= this.#journal.watermark && this.stoppedAt === undefined) return;
    this.#journal.watermark = Math.max(this.#journal.watermark, watermark);
    this.stoppedAt = this.#takeUpTo(this.#journal.watermark);
  }

  /** Takes what is complete; says where it has stopped because the micro-batch is full. */
  #takeUpTo(watermark: number): number | undefined {
    for (let last = Number.NEGATIVE_INFINITY; ; ) {
      const event = this.#queue.peek();
      const time = event?.time ?? Number.POSITIVE_INFINITY;
      const due = this.#states.nextDue;
      const next = Math.min(due, time);
      if (next > watermark) return undefined;
      // What is of one time is taken in one micro-batch: a restore tells by the time what has been done.
      if (next > last && this.#context.isFull?.() === true) return next - 1;
      last = next;
      if (due <= time) this.#passDue(this.#states.takeDue(), due);
      else this.#takeFirst(event as WaitingEvent);
    }
  }

  tick(): void {
    // Rules go by event time alone.
  }

  flush(changes: Changelog): void {
    for (const [values, stored] of this.#states.changed()) {
      const key = `["${STATE}",${values}]`;
      if (stored === undefined) changes.remove(key);
      else changes.put(key, JSON.stringify(stored));
    }
    this.#states.forgetChanges();
    for (const event of this.#touched) {
      if (event.present) {
        changes.put(this.#keyOf(event), event.stored());
        event.logged = true;
      } else if (event.logged) changes.remove(this.#keyOf(event));
    }
    this.#touched = [];
    this.#journal.seal();
  }

  commit(): void {
    this.#journal.commit();
  }

  rollback(): void {
    this.stoppedAt = undefined;
    this.#touched = [];
    this.#states.forgetChanges();
    this.#journal.rollback((change) => this.#revert(change));
    this.#origins.rolledBack();
  }

  restore(key: string, value: string | null): void {
    const [kind, of, seq, values] = JSON.parse(key) as [string, unknown, number, JsonValue[]];
    if (kind === STATE) {
      this.#states.restore(of as JsonValue[], value === null ? undefined : (JSON.parse(value) as JsonValue));
      return;
    }
    this.#nextSeq = Math.max(this.#nextSeq, seq);
    this.#restoring.delete(key);
    if (value === null) return;
    const group = this.#settings.groupBy.idOfValues(values);
    this.#restoring.set(key, restoredEvent({ time: of as number, seq, group }, value, this.#origins));
  }

  restored(watermark: number): void {
    for (const event of this.#restoring.values()) this.#insert(event);
    this.#restoring = new Map();
    this.#states.restored();
    this.#journal.restored(watermark);
  }

  /** What waits is taken in its turn as an early result, and is then as if nothing had been. */
  emitOpen(): void {
    if (this.#waiting === 0) return;
    const mark = this.#journal.mark();
    const touched = this.#touched.length;
    this.#output.early = true;
    for (let event = this.#queue.peek(); event !== undefined; event = this.#queue.peek()) {
      const due = this.#states.nextDue;
      if (due <= event.time) this.#passDue(this.#states.takeDue(), due);
      else this.#takeFirst(event);
    }
    this.#output.early = false;
    this.#journal.undoTo(mark, (change) => this.#revert(change));
    this.#touched.length = touched;
  }

  #full(code: 'RULE_TOO_MANY_KEYS' | 'RULE_TOO_MANY_WAITING', limit: number): OperatorOutcome {
    const { partition, id, component } = this.#context;
    return rejected(code, { partition, step: id, component, limit });
  }

  #eventOf(record: StreamRecord, { time, group, id }: { time: number; group: GroupId; id: Place }): WaitingEvent {
    const { batch, row } = record.place;
    const key = record.key ?? null;
    const keepsBytes = key?.includes(NO_CHARACTER) === true && batch.column(row, Column.keyLength) > 0;
    this.#nextSeq += 1;
    const seq = this.#nextSeq;
    const keyBytes = keepsBytes ? Buffer.from(batch.key(row) as Uint8Array) : undefined;
    const headers = batch.column(row, Column.headersLength) === 0 ? NO_HEADERS : Buffer.from(record.packedHeaders);
    return new WaitingEvent({ time, seq, group, key, id, origins: this.#origins, keyBytes, headers, value: record.value });
  }

  #await(event: WaitingEvent): void {
    this.#insert(event);
    this.#journal.note({ kind: 'added', event });
    this.#touched.push(event);
  }

  #takeFirst(event: WaitingEvent): void {
    this.#queue.take();
    this.#remove(event);
    this.#journal.note({ kind: 'removed', event });
    this.#touched.push(event);
    this.#take(event);
    event.valueGiven();
  }

  /** An event's turn has come. */
  #take(event: WaitingEvent): void {
    const { group, time } = event;
    for (let due = this.#dueAt(group); due <= time; due = this.#dueAt(group)) this.#passDue(group, due);
    const next = this.#rule.process(this.#states.get(group), event, this.#keyFor(group), this.#output);
    this.#states.set(group, next, this.#journal.epoch);
  }

  /** A rule sees what does not stand yet, and remembers nothing of it. */
  #show(event: WaitingEvent): void {
    this.#output.early = true;
    this.#rule.process(this.#states.get(event.group), event, this.#keyFor(event.group), this.#output);
    this.#output.early = false;
  }

  #passDue(group: GroupId, due: number): void {
    const state = this.#states.get(group);
    if (state === undefined) return;
    const next = this.#rule.due(state, this.#keyFor(group), this.#output);
    if (next !== undefined && this.#rule.dueAt(next) <= due)
      throw new Error(`the state of ${String(group)} is due again at once`);
    this.#states.set(group, next, this.#journal.epoch);
  }

  #dueAt(group: GroupId): number {
    const state = this.#states.get(group);
    return state === undefined ? Number.POSITIVE_INFINITY : this.#rule.dueAt(state);
  }

  #keyFor(group: GroupId): RuleKey {
    return this.#output.turnTo(group, !this.#output.early && this.#states.isOf(group, this.#journal.epoch));
  }

  #keyOf({ time, seq, group }: WaitingEvent): string {
    return `["${WAITING}",${time},${seq},${this.#settings.groupBy.textOf(group)}]`;
  }

  #insert(event: WaitingEvent): void {
    event.present = true;
    this.#queue.add(event);
    this.#waiting += 1;
  }

  #remove(event: WaitingEvent): void {
    event.present = false;
    this.#waiting -= 1;
  }

  #revert(change: Change<State>): void {
    if (change.kind === 'state') this.#states.takeBack(change);
    else if (change.kind === 'added') this.#remove(change.event);
    else this.#insert(change.event);
  }
}
