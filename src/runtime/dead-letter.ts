import type { RecordBatch } from '../record/batch.ts';
import type { BatchBuilder } from '../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders, type Header } from '../record/headers.ts';
import { PART_HEADER } from '../stream/parts.ts';

/** Names of the headers that a dead letter carries beside the record's own. */
export const DeadHeader = {
  component: 'millrace.dead.component',
  step: 'millrace.dead.step',
  code: 'millrace.dead.code',
  message: 'millrace.dead.message',
  time: 'millrace.dead.time',
} as const;

/** Where a record first came from: `incarnation/topic/partition/offset`. Ids of documents derive from it. */
export const ORIGIN_HEADER = 'millrace.origin';

/** Behind which step with state a derived record goes on, when it is replayed. */
export const RESUME_HEADER = 'millrace.resume';

const OWN_PREFIX = 'millrace.dead.';

export interface Origin {
  readonly incarnation: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Why a record is a dead letter. */
export interface DeadLetterReason {
  readonly component: string;
  readonly step?: string;
  /** Which part of the record it is, where a step has split it. */
  readonly part?: string;
  readonly code: string;
  readonly message: string;
  readonly time: number;
}

/** A reason is read by people; a mapping error can quote a whole document. */
const MAX_MESSAGE = 2_000;

/** The most that topics of dead letters, and of their replays, take as one record: far more than Kafka's default. */
export const DEAD_LETTER_BYTES = 16_000_000;
/** A value beyond this is cut, since it fits nowhere; what is left shows where it came from. */
const MAX_VALUE_BYTES = DEAD_LETTER_BYTES - 1_000_000;

/** Adds record `row` of `batch` to `builder` as a dead letter: its bytes as they came, and the reason in headers. */
export function addDeadLetter(
  builder: BatchBuilder,
  topic: number,
  record: { batch: RecordBatch; row: number; origin: Origin | undefined },
  reason: DeadLetterReason,
): void {
  const { batch, row, origin } = record;
  builder.begin(topic, -1, batch.timestamp(row));
  builder.key(batch.key(row));
  const value = batch.value(row);
  builder.value(value === null || value.length <= MAX_VALUE_BYTES ? value : value.subarray(0, MAX_VALUE_BYTES));
  const own = batch.headers(row).filter(({ name }) => name === RESUME_HEADER || !isOwnHeader(name));
  const added = [
    ...(origin === undefined ? [] : [{ name: ORIGIN_HEADER, value: formatOrigin(origin) }]),
    { name: DeadHeader.component, value: reason.component },
    ...(reason.step === undefined ? [] : [{ name: DeadHeader.step, value: reason.step }]),
    ...(reason.part === undefined ? [] : [{ name: PART_HEADER, value: reason.part }]),
    { name: DeadHeader.code, value: reason.code },
    { name: DeadHeader.message, value: reason.message.slice(0, MAX_MESSAGE) },
    { name: DeadHeader.time, value: new Date(reason.time).toISOString() },
  ];
  builder.headers(encodeHeaders([...own, ...added]));
}

/** A dead letter's headers without those that Millrace added. */
export function withoutOwnHeaders(headers: readonly Header[]): Header[] {
  return headers.filter(({ name }) => !isOwnHeader(name));
}

function isOwnHeader(name: string): boolean {
  return name === ORIGIN_HEADER || name === PART_HEADER || name === RESUME_HEADER || name.startsWith(OWN_PREFIX);
}

export function formatOrigin(origin: Origin): string {
  return `${origin.incarnation}/${origin.topic}/${origin.partition}/${origin.offset}`;
}

/** Reads {@link ORIGIN_HEADER}; `undefined` where it is none. A topic's name holds no slash. */
export function parseOrigin(text: string): Origin | undefined {
  const match = /^([\w-]+)\/([\w.-]+)\/(\d+)\/(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [, incarnation, topic, partition, offset] = match as unknown as [string, string, string, string, string];
  return { incarnation, topic, partition: Number(partition), offset: Number(offset) };
}

/** The origin in a record's headers, where it is a replayed dead letter. */
export function originOf(batch: RecordBatch, row: number): Origin | undefined {
  for (const { name, value } of decodeHeaders(batch.headersBytes(row))) {
    if (name === ORIGIN_HEADER && value !== null) return parseOrigin(value.toString('utf8'));
  }
  return undefined;
}
