import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { OperatorOutcome } from '../../sdk/operator.ts';
import type { GroupId } from '../group-by.ts';

/** A record, in its turn by event time. */
export interface RuleEvent {
  /** What it is known by: the same whenever the same input is read. */
  readonly id: string;
  /** Event time in ms since 1970. */
  readonly time: number;
  /** The record's value. It may be kept, and must not be changed. */
  readonly value: JsonObject;
  /** Its Kafka key. */
  readonly key: string | null;
  /** Its headers, packed as in `encodeHeaders`. */
  readonly headers: Buffer;
}

/** What a rule sends on. */
export interface RuleOutput {
  /** The event itself goes on, with this value (its own, or a copy that has more), its key and its headers. */
  pass(event: RuleEvent, value: JsonObject): void;
  /**
   * A result of the rule's own. `what` identifies it among those of its key: what has it too is the same result again, which a sink
   * replaces where `revision` is higher. `null`: the result does not stand any more.
   */
  emit(result: RuleResult): void;
  /** An event goes no further, on purpose: it is counted as dropped. */
  drop(): void;
}

export interface RuleResult {
  readonly what: string;
  readonly value: JsonObject | null;
  /** Event time in ms. */
  readonly time: number;
  readonly revision?: number;
  /** Its Kafka key; absent: that of the values of `by`. */
  readonly key?: string | null;
}

/** The key that an event belongs to, or whose time has come. */
export interface RuleKey {
  readonly id: GroupId;
  /**
   * Whether the key's state was made in the micro-batch at work. Then nobody could go back to it, and it may be changed in place and
   * returned: so that a state that is costly to copy is copied once a micro-batch, and not for each event.
   */
  readonly owned: boolean;
  /** Puts the values of `by` into a result. */
  setFields(result: JsonObject): void;
  /** The id of the results that `what` identifies, see {@link RuleOutput.emit}. */
  idOf(what: string): string;
}

/**
 * What is done with the events of each key, one after the other in the order of their time. A state is not changed in place, unless it
 * is {@link RuleKey.owned}: what becomes of it is a new one (which may share with the old), so that a micro-batch that fails is undone
 * by going back to the old.
 */
export interface Rule<State> {
  /**
   * Looks at a record when it comes, before it waits for its turn. `early`: it is a result that does not stand yet, so that the rule
   * is given it at once, and its state stays as it was; an outcome: what becomes of it instead.
   */
  onArrival?(value: JsonObject): 'early' | OperatorOutcome | undefined;
  /** What the key's state is after an event; undefined: none. */
  process(state: State | undefined, event: RuleEvent, key: RuleKey, output: RuleOutput): State | undefined;
  /** The event time (ms) at which the state wants to be asked again; Infinity: never. What is due comes before an event of that time. */
  dueAt(state: State): number;
  /** Event time has come to `dueAt`, with no event in between. What is returned must be due later. */
  due(state: State, key: RuleKey, output: RuleOutput): State | undefined;
  /** The state as it is stored. A format. */
  encode(state: State): JsonValue;
  decode(stored: JsonValue): State;
}
