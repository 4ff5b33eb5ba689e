import { type ErrorCode, reasonOf } from '../../errors/index.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { StepOutcome } from '../../sdk/step.ts';

/** A step of a pipeline. */
export interface StepPlace {
  readonly kind: 'source' | 'stream' | 'sink';
  /** The source, stream or sink. */
  readonly node: string;
  /** The step's id, and the kind of step that it is. */
  readonly id: string;
  readonly step: string;
}

/** Where a record comes from: its offset is -1 where a step has made it. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What a step made of a record. It is told of when the record comes to the step, and filled in when the step is done. */
export interface RecordEvent {
  readonly type: 'record';
  readonly place: StepPlace;
  readonly record: RecordPlace;
  readonly before: JsonObject;
  /** The value as the step has left it; undefined: the step did not come to an end. */
  after?: JsonObject;
  outcome: 'at work' | 'passed' | 'dropped' | 'rejected' | 'routed' | 'split' | 'absorbed';
  /** Where it is routed to. */
  topic?: string;
  code?: string;
  message?: string;
  /** Whether a processor has failed at it among others: it may be tried once more, by itself. */
  triedAgain?: true;
  parts?: readonly JsonObject[];
  /** The record's event time, and what time its partition had come to before it, where the step asks for them; in ms. */
  time?: number;
  watermark?: number;
  side?: 'main' | 'joined';
}

/** A record that a step has made of others. */
export interface EmittedEvent {
  readonly type: 'emitted';
  readonly place: StepPlace;
  /** Null: what had this id before is void. */
  readonly value: JsonObject | null;
  readonly key: string | null;
  /** Event time in ms; negative: none. */
  readonly time: number;
}

export type StepEvent = RecordEvent | EmittedEvent;

/** Is told of everything that steps do. */
export type Tracer = (event: StepEvent) => void;

/** The event of a record that has come to a step. */
export function arrival(place: StepPlace, record: Pick<StreamRecord, 'topic' | 'partition' | 'offset' | 'value'>): RecordEvent {
  const { topic, partition, offset } = record;
  return { type: 'record', place, record: { topic, partition, offset }, before: copy(record.value), outcome: 'at work' };
}

/** Fills in what a step has said of a record. */
export function settle(
  event: RecordEvent,
  outcome: StepOutcome | { readonly kind: 'absorbed' } | undefined,
  after: JsonObject,
): void {
  event.after = copy(after);
  event.outcome = outcome?.kind ?? 'passed';
  if (outcome?.kind === 'routed') event.topic = outcome.topic;
  if (outcome?.kind === 'split') event.parts = outcome.values.map(copy);
  if (outcome?.kind === 'rejected') {
    event.code = outcome.code;
    event.message = outcome.message;
  }
}

/** A step has thrown. `code`: that of the dead letter which comes of it. */
export function fail(event: RecordEvent, error: unknown, code: ErrorCode): void {
  event.outcome = 'rejected';
  event.code = code;
  event.message = reasonOf(error);
}

/** Steps change values in place, so that what is kept of them is a copy. */
export function copy<T extends JsonValue>(value: T): T {
  return structuredClone(value);
}
