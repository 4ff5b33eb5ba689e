import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders, headerText } from '../record/headers.ts';
import { RESULT_ID } from '../record/result-header.ts';

/** The id of the result of a window or a join that a step splits: its parts must not be taken for the same. */
export function splitResultId(batch: RecordBatch, row: number): string | undefined {
  return headerText(batch.headersBytes(row), RESULT_ID);
}

/** A copy of the record with an id of its own for part `number`. It still says where it comes from. */
export function resultPart(batch: RecordBatch, row: number, { id, number }: { id: string; number: number }): RecordBatch {
  const builder = new BatchBuilder([batch.topic(row)]);
  builder.begin(0, batch.partition(row), batch.timestamp(row));
  builder.offset(batch.offset(row));
  builder.key(batch.key(row));
  builder.value(batch.value(row));
  const others = decodeHeaders(batch.headersBytes(row)).filter(({ name }) => name !== RESULT_ID);
  builder.headers(encodeHeaders([...others, { name: RESULT_ID, value: `${id}.${number}` }]));
  return builder.batch();
}
