import { Column, type CompiledOption, RESULT_ID, RESULT_VERSION, type RecordBatch, StreamRecord } from 'millrace/sdk';
import { documentIdFault } from './document-id.ts';

/** What the result of a window or a join says of its document. */
export interface Result {
  readonly id: string;
  /** Absent where the result is never revised. */
  readonly version: string | undefined;
}

interface Options {
  readonly id?: CompiledOption | undefined;
  readonly operation?: CompiledOption | undefined;
  readonly data_stream?: string | undefined;
}

/**
 * Whether results are documents under their own ids: by default, or with `operation: index`. With an id of the user, and where every
 * record is created as a document of its own, they are records like others.
 */
export function choosesByResult({ id, operation, data_stream: stream }: Options): boolean {
  return id === undefined && stream === undefined && (operation === undefined || operation.constant?.value === 'index');
}

/** What the record's headers say of its document, where it is the result of a window or a join. */
export function resultOf(record: StreamRecord): Result | undefined {
  const id = record.header(RESULT_ID);
  if (id === undefined || documentIdFault(id) !== undefined) return undefined;
  return { id, version: record.header(RESULT_VERSION) };
}

/** Whether any record of the batch is the result of a window or a join. Most batches have no headers at all. */
export function holdsResults(records: RecordBatch): boolean {
  for (let i = 0; i < records.length; i += 1) {
    if (records.column(i, Column.headersLength) > 0 && records.headersBytes(i).includes(RESULT_ID)) return true;
  }
  return false;
}

/**
 * The ids of results without a version, to keep those of one id in order; `undefined` where there are none. What has a version needs
 * no order: an older one changes nothing.
 */
export class ResultKeys {
  readonly #record = new StreamRecord();

  of(records: RecordBatch): (string | undefined)[] | undefined {
    if (!holdsResults(records)) return undefined;
    const keys = Array.from({ length: records.length }, (_, i) => {
      this.#record.moveTo(records, i, {});
      const result = resultOf(this.#record);
      return result?.version === undefined ? result?.id : undefined;
    });
    return keys.some((key) => key !== undefined) ? keys : undefined;
  }
}
