import { Column, type DeliveryError, type RecordBatch, type SinkBatch, StreamRecord } from 'millrace/sdk';
import type { ActionLine } from './action.ts';
import type { EcsFields } from './ecs-fields.ts';
import {
  type BulkRequest,
  bodyBound,
  copyAsOneLine,
  faultOfLines,
  faultOfValue,
  grown,
  NewlineFinder,
  notAnObject,
  parseObject,
} from './request.ts';
import { resultOf } from './results.ts';

/** Bytes of an action line beyond the plain one, usually; where it is more, the memory grows. */
const MORE_BYTES = 160;
const NEWLINE = 0x0a;
const CLOSE_BRACE = 0x7d;
const DOCUMENT = '{"doc":';
const UPSERT = ',"doc_as_upsert":true';

export interface ChosenRequestOptions {
  /** Absent where every record is created under its derived id in the index of the request. */
  readonly actions?: ActionLine;
  readonly ecs?: EcsFields;
  /** Whether an update of a document that is not there makes it. */
  readonly upsert: boolean;
  /** Whether a record without a value deletes. */
  readonly tombstonesDelete: boolean;
  /** Whether a result without a value, which withdraws it, deletes. */
  readonly withdrawalsDelete: boolean;
}

/**
 * Writes a batch as the body of one `_bulk` request where records choose their id, their operation and so on, or where
 * documents get fields. What a record does not choose is as in {@link BulkEncoder}, which the plain case is left to.
 */
export class ChosenBulkEncoder {
  readonly #options: ChosenRequestOptions;
  readonly #record = new StreamRecord();

  constructor(options: ChosenRequestOptions) {
    this.#options = options;
  }

  /** How much memory the body is likely to need. */
  bound(records: RecordBatch): number {
    return bodyBound(records, true) + records.length * (MORE_BYTES + (this.#options.ecs?.bound ?? 0));
  }

  encode(batch: SinkBatch, into: Buffer): BulkRequest {
    const { records } = batch;
    const rows = new Uint32Array(records.length);
    const rejected: { row: number; error: DeliveryError }[] = [];
    const newlines = new NewlineFinder(records.arena);
    const body = new Body(into);
    this.#options.ecs?.begin();
    let count = 0;
    for (let i = 0; i < records.length; i += 1) {
      const error = this.#encodeRecord(batch, i, { body, newlines });
      if (error === undefined) {
        rows[count] = i;
        count += 1;
      } else {
        rejected.push({ row: i, error });
      }
    }
    return { body: body.memory.subarray(0, body.length), memory: body.memory, count, rows, rejected };
  }

  #encodeRecord(batch: SinkBatch, i: number, to: { body: Body; newlines: NewlineFinder }): DeliveryError | undefined {
    const { records } = batch;
    const { actions } = this.#options;
    const start = records.column(i, Column.valueStart);
    const length = records.column(i, Column.valueLength);
    const deletes = length < 0 && this.#deletes(records, i);
    const fault = deletes ? undefined : faultOfValue(records, i);
    if (fault !== undefined) return fault;
    const value = deletes || actions === undefined ? {} : parseObject(records, i);
    if (typeof value === 'string') return notAnObject(value);
    this.#record.moveTo(records, i, value);
    const id = batch.id(i);
    const line = actions === undefined ? `{"create":{"_id":"${id}"}}\n` : actions.of(this.#record, id, deletes);
    if (typeof line !== 'string') return line;
    const broken = !deletes && to.newlines.within(start, start + length);
    const unfit = broken && actions === undefined ? faultOfLines(records, i) : undefined;
    if (unfit !== undefined) return unfit;
    to.body.text(line);
    if (actions?.operation !== 'delete') this.#document(records, i, { body: to.body, broken });
    return undefined;
  }

  #deletes(records: RecordBatch, i: number): boolean {
    const { tombstonesDelete, withdrawalsDelete } = this.#options;
    if (tombstonesDelete || !withdrawalsDelete) return tombstonesDelete;
    this.#record.moveTo(records, i, {});
    return resultOf(this.#record) !== undefined;
  }

  #document(records: RecordBatch, i: number, { body, broken }: { body: Body; broken: boolean }): void {
    const { actions, ecs, upsert } = this.#options;
    const start = records.column(i, Column.valueStart);
    const end = start + records.column(i, Column.valueLength);
    const updates = actions?.operation === 'update';
    if (updates) body.text(DOCUMENT);
    // A part of a document lacks fields that the document may have: nothing is added to it.
    if (ecs === undefined || updates) {
      body.bytes(records.arena, { start, end, broken });
    } else {
      ecs.find(records.arena, start, end);
      body.filled(records.arena, { start, end, broken }, ecs);
    }
    if (updates) {
      if (upsert) body.text(UPSERT);
      body.byte(CLOSE_BRACE);
    }
    body.byte(NEWLINE);
  }
}

/** A value in an arena; `broken`: it has line ends, which become spaces. */
interface Value {
  readonly start: number;
  readonly end: number;
  readonly broken: boolean;
}

/** A body that is being written, in memory that grows where it must. */
class Body {
  memory: Buffer;
  length = 0;

  constructor(memory: Buffer) {
    this.memory = memory;
  }

  text(text: string): void {
    // At most three bytes a UTF-16 unit.
    this.#reserve(text.length * 3);
    this.length += this.memory.write(text, this.length, 'utf8');
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.memory[this.length] = byte;
    this.length += 1;
  }

  bytes(arena: Buffer, { start, end, broken }: Value): void {
    this.#reserve(end - start);
    this.length += broken
      ? copyAsOneLine(arena, start, end, this.memory, this.length)
      : arena.copy(this.memory, this.length, start, end);
  }

  /** A value with the fields that it lacks between its own bytes. */
  filled(arena: Buffer, { start, end, broken }: Value, { headAt, head, eventAt, event }: EcsFields): void {
    let from = start;
    if (head !== '') {
      this.bytes(arena, { start: from, end: headAt, broken });
      this.text(head);
      from = headAt;
    }
    if (event !== '') {
      this.bytes(arena, { start: from, end: eventAt, broken });
      this.text(event);
      from = eventAt;
    }
    this.bytes(arena, { start: from, end, broken });
  }

  #reserve(bytes: number): void {
    if (this.length + bytes > this.memory.length) this.memory = grown(this.memory, this.length, bytes);
  }
}
