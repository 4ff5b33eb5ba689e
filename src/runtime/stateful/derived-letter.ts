import type { RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { encodeHeaders, headerText } from '../../record/headers.ts';
import type { JsonObject } from '../../record/json.ts';
import { RESUME_HEADER } from '../dead-letter.ts';

/**
 * A derived record with its value, as a dead letter that goes on behind `step` when it is replayed. `offset`: of the record of the input
 * that was at work, since a derived one has none.
 */
export function withResume(
  batch: RecordBatch,
  row: number,
  made: { readonly value: JsonObject; readonly step: string; readonly offset?: number },
): RecordBatch {
  const letter = new BatchBuilder(batch.topics);
  letter.begin(0, batch.partition(row), batch.timestamp(row));
  letter.offset(made.offset ?? Math.max(0, batch.offset(row)));
  letter.key(batch.key(row));
  letter.value(JSON.stringify(made.value));
  letter.headers(encodeHeaders([...batch.headers(row), { name: RESUME_HEADER, value: made.step }]));
  return letter.batch();
}

/** Behind which step with state a replayed dead letter goes on; undefined: it begins at the beginning. */
export function resumesBehind(batch: RecordBatch, row: number): string | undefined {
  return headerText(batch.headersBytes(row), RESUME_HEADER);
}
