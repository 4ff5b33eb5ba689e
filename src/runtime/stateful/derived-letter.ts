import type { RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { encodeHeaders, headerText } from '../../record/headers.ts';
import { RESUME_HEADER } from '../dead-letter.ts';

/** A record as a step with state has made it, or let it through. */
export interface Made {
  readonly step: string;
  /** Its event time, in ms. */
  readonly time: number;
  /** Its value in JSON, as it was behind that step. */
  readonly text: string;
  /** The offset that its letter names; absent: its own. */
  readonly offset?: number;
}

/** Where a record goes on: behind which step with state, and at what event time. */
export interface Resume {
  readonly step: string;
  readonly time: number;
}

/** A record that is nowhere in Kafka as it is, as a dead letter that goes on behind `step` when it is replayed. */
export function withResume(batch: RecordBatch, row: number, { step, time, text, offset }: Made): RecordBatch {
  const letter = new BatchBuilder([batch.topic(row)]);
  letter.begin(0, batch.partition(row), batch.timestamp(row));
  letter.offset(offset ?? Math.max(0, batch.offset(row)));
  letter.key(batch.key(row));
  letter.value(text);
  const own = batch.headers(row).filter(({ name }) => name !== RESUME_HEADER);
  letter.headers(encodeHeaders([...own, { name: RESUME_HEADER, value: `${time}/${step}` }]));
  return letter.batch();
}

/** Where a replayed dead letter goes on; undefined: it begins at the beginning. */
export function resumeOf(batch: RecordBatch, row: number): Resume | undefined {
  const text = headerText(batch.headersBytes(row), RESUME_HEADER);
  if (text === undefined) return undefined;
  const slash = text.indexOf('/');
  const time = Number(text.slice(0, slash));
  return slash > 0 && Number.isFinite(time) ? { step: text.slice(slash + 1), time } : undefined;
}
