import { Column, type Evaluate, type RecordBatch, StreamRecord } from 'millrace/sdk';
import { documentIdFault, textOf } from './document-id.ts';
import { parseObject } from './request.ts';

/**
 * The ids that records choose, to keep the order of those that change the same document. (Ids of different indices may
 * be equal, and are then kept in order for nothing.)
 */
export class DocumentKeys {
  readonly #idOf: Evaluate;
  readonly #tombstonesDelete: boolean;
  readonly #record = new StreamRecord();

  constructor(idOf: Evaluate, tombstonesDelete: boolean) {
    this.#idOf = idOf;
    this.#tombstonesDelete = tombstonesDelete;
  }

  /** By row; `undefined` for what can be no document. */
  of(records: RecordBatch): (string | undefined)[] {
    const keys: (string | undefined)[] = [];
    for (let i = 0; i < records.length; i += 1) keys.push(this.#keyOf(records, i));
    return keys;
  }

  #keyOf(records: RecordBatch, i: number): string | undefined {
    const isTombstone = records.column(i, Column.valueLength) < 0;
    if (isTombstone && !this.#tombstonesDelete) return undefined;
    const value = isTombstone ? {} : parseObject(records, i);
    if (typeof value === 'string') return undefined;
    this.#record.moveTo(records, i, value);
    const id = this.#idOf(this.#record);
    return documentIdFault(id) === undefined ? textOf(id) : undefined;
  }
}
