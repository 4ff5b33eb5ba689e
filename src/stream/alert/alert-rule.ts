import { toIso } from '../../record/iso-time.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { setField } from '../../record/path.ts';
import type { Evaluate } from '../../sdk/option.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';
import { type AlertState, decodeAlert, encodeAlert, type Open, type Over, type Pending, type Severity } from './alert-state.ts';
import type { ShownFields } from './shown-fields.ts';

/** When an open alert gets worse: any of the three. */
export interface Escalation {
  /** So long after it was raised, in ms. */
  readonly after?: number | undefined;
  /** With so many records. */
  readonly count?: number | undefined;
  /** With a record that meets it. */
  readonly when?: Evaluate | undefined;
  readonly severity: string | number;
}

export interface AlertSettings {
  readonly name: string;
  /** The condition; undefined: every record meets it. */
  readonly raiseWhen: Evaluate | undefined;
  /** For how long, in ms, the condition must have held. */
  readonly holds: number;
  readonly resolveWhen: Evaluate | undefined;
  /** An alert is over where no record has met its condition for so long, in ms. */
  readonly resolveAfter: number;
  /** The interval, in ms, at which an open alert is sent again; Infinity: never. */
  readonly repeat: number;
  readonly severity: Evaluate;
  readonly escalate: readonly Escalation[];
  readonly fields: ShownFields;
}

type Status = 'open' | 'escalated' | 'resolved';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The life of alerts: a record that meets the condition raises one; those that meet it while it is open count; it is sent again where
 * its severity changes and at intervals, and once more when it is resolved.
 */
export class AlertRule implements Rule<AlertState> {
  readonly #settings: AlertSettings;
  readonly #record = new EventRecord();

  constructor(settings: AlertSettings) {
    this.#settings = settings;
  }

  process(state: AlertState | undefined, event: RuleEvent, key: RuleKey, output: RuleOutput): AlertState | undefined {
    const { raiseWhen, resolveWhen } = this.#settings;
    const record = this.#record.turnTo(event);
    const resolves = resolveWhen?.(record) === true;
    const meets = !resolves && (raiseWhen === undefined || raiseWhen(record) === true);
    if (state?.phase === 'open') {
      if (resolves) return this.#resolve(state, event.time, key, output);
      return meets ? this.#again(state, event.time, key, output) : state;
    }
    if (!meets) return state?.phase === 'over' ? state : undefined;
    return this.#first(state, event.time, key, output);
  }

  dueAt(state: AlertState): number {
    if (state.phase === 'over') return state.raised + 1;
    // A record exactly so long after the last still belongs to it.
    const end = state.last + this.#settings.resolveAfter + 1;
    if (state.phase === 'pending') return end;
    return Math.min(end, state.sent + this.#settings.repeat, this.#escalationDue(state));
  }

  due(state: AlertState, key: RuleKey, output: RuleOutput): AlertState | undefined {
    if (state.phase !== 'open') return undefined;
    const time = this.dueAt(state);
    if (time > state.last + this.#settings.resolveAfter) return this.#resolve(state, time, key, output);
    const level = this.#level(state.level, ({ after = NEVER }) => state.raised + after <= time);
    const next: Open = { ...state, level, severity: this.#severityAt(level, state.severity), sent: time };
    return this.#send(next, time, key, output);
  }

  encode(state: AlertState): JsonValue {
    return encodeAlert(state, this.#settings.fields);
  }

  decode(stored: JsonValue): AlertState {
    const { fields, escalate } = this.#settings;
    const state = decodeAlert(stored, fields);
    // There may be fewer escalations than when it was stored: it keeps the severity that it has.
    return state.phase === 'open' && state.level > escalate.length ? { ...state, level: escalate.length } : state;
  }

  /** A record meets the condition, and no alert is open. */
  #first(state: Pending | Over | undefined, time: number, key: RuleKey, output: RuleOutput): AlertState {
    const pending = state?.phase === 'pending' ? state : undefined;
    const started = pending?.started ?? time;
    const count = (pending?.count ?? 0) + 1;
    if (time - started < this.#settings.holds) return { phase: 'pending', started, last: time, count };
    const level = this.#levelBy(0, count);
    const raised: Open = {
      ...{ phase: 'open', started, raised: time, last: time, count, sent: time, revision: 0, level },
      severity: this.#severityAt(level, this.#severityOfRecord()),
      before: state?.phase === 'over' ? state.before + 1 : 0,
      shown: this.#settings.fields.of(this.#record),
    };
    return this.#send(raised, time, key, output);
  }

  /** A record meets the condition of an alert that is open. */
  #again(state: Open, time: number, key: RuleKey, output: RuleOutput): Open {
    const count = state.count + 1;
    const level = this.#levelBy(state.level, count);
    const severity = this.#severityAt(level, this.#severityOfRecord());
    const shown = this.#settings.fields.of(this.#record);
    const next: Open = { ...state, last: time, count, level, severity, shown };
    if (severity === state.severity && level === state.level) return next;
    return this.#send({ ...next, sent: time }, time, key, output);
  }

  #resolve(state: Open, time: number, key: RuleKey, output: RuleOutput): Over | undefined {
    this.#send(state, time, key, output, 'resolved');
    return time === state.raised ? { phase: 'over', raised: time, before: state.before } : undefined;
  }

  #escalationDue({ level, raised }: Open): number {
    const { escalate } = this.#settings;
    let due = NEVER;
    for (let i = level; i < escalate.length; i += 1) due = Math.min(due, raised + (escalate[i]?.after ?? NEVER));
    return due;
  }

  /** How many escalations are behind an alert with so many records, of which the last is at hand. */
  #levelBy(level: number, records: number): number {
    if (level === this.#settings.escalate.length) return level;
    return this.#level(level, ({ count = NEVER, when }) => records >= count || when?.(this.#record) === true);
  }

  #level(level: number, isMet: (escalation: Escalation) => boolean): number {
    const { escalate } = this.#settings;
    for (let i = escalate.length; i > level; i -= 1) if (isMet(escalate[i - 1] as Escalation)) return i;
    return level;
  }

  /** `unless`: the severity of one that is not escalated. */
  #severityAt(level: number, unless: Severity): Severity {
    return level === 0 ? unless : (this.#settings.escalate[level - 1] as Escalation).severity;
  }

  #severityOfRecord(): Severity {
    const severity = this.#settings.severity(this.#record) ?? null;
    return typeof severity === 'object' && severity !== null ? JSON.stringify(severity) : severity;
  }

  /** Sends the next revision of an alert. */
  #send(before: Open, time: number, key: RuleKey, output: RuleOutput, end?: 'resolved'): Open {
    const state: Open = { ...before, revision: before.revision + 1 };
    const what = state.before === 0 ? `${state.raised}` : `${state.raised}/${state.before}`;
    const value: JsonObject = { '@timestamp': toIso(time) };
    key.setFields(value);
    this.#settings.fields.set(value, state.shown);
    setField(value, ['event', 'kind'], 'alert');
    setField(value, ['rule', 'name'], this.#settings.name);
    value['alert'] = this.#describe(state, key.idOf(what), end === undefined ? undefined : time);
    output.emit({ what, value, time, revision: state.revision });
    return state;
  }

  /** `ended`: when it was resolved; undefined: it is open. */
  #describe(state: Open, id: string, ended: number | undefined): JsonObject {
    const { started, last, count, revision, level, severity } = state;
    const status: Status = ended !== undefined ? 'resolved' : level > 0 ? 'escalated' : 'open';
    return {
      ...{ id, name: this.#settings.name, status, severity },
      ...{ started: toIso(started), last_seen: toIso(last), count, revision },
      ...(ended === undefined ? {} : { ended: toIso(ended), duration_ms: ended - started }),
    };
  }
}
