import {
  Column,
  type DeliveryError,
  type Evaluate,
  errorMessage,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type RecordBatch,
  reasonOf,
  type SinkBatch,
  StreamRecord,
} from 'millrace/sdk';
import { renderedIndexNameFault } from './index-name.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;

/** Bytes of an action line beside the id and the index: `{"create":{"_index":"","_id":""}}` and two line ends, rounded up. */
const ACTION_BYTES = 40;
/** The longest id that a batch gives, and the longest name of an index. */
const ID_BYTES = 64;
const INDEX_BYTES = 255;

/** A bulk request: which records it holds, in order, and its body. */
export interface BulkRequest {
  readonly body: Buffer;
  /** The memory that `body` is a part of. */
  readonly memory: Buffer;
  /** How many records the body holds. */
  readonly count: number;
  /** The place in the batch of each of them, `count` numbers. */
  readonly rows: Uint32Array;
  /** Records that are in no request, for they can never be documents. */
  readonly rejected: readonly { readonly row: number; readonly error: DeliveryError }[];
}

/** How much memory the body of a request for a batch needs, at most, as long as ids keep to their bound. */
export function bodyBound(records: RecordBatch, indexPerRecord: boolean): number {
  let bytes = records.length * (ACTION_BYTES + ID_BYTES + (indexPerRecord ? INDEX_BYTES : 0));
  for (let i = 0; i < records.length; i += 1) bytes += Math.max(0, records.column(i, Column.valueLength));
  return bytes;
}

/**
 * Writes a batch as the body of one `_bulk` request into `memory` (of {@link bodyBound} bytes, so that it need not
 * grow). Values are copied as they are: they are parsed only where the index depends on them. Every action is `create`, so that a record sent
 * again conflicts with itself in place of being there twice. Where more is chosen by record, see chosen-request.ts.
 */
export class BulkEncoder {
  readonly #indexOf: Evaluate | undefined;
  readonly #record = new StreamRecord();

  /** `indexOf`: the index of each record; absent where the address of the request names it. */
  constructor(indexOf?: Evaluate) {
    this.#indexOf = indexOf;
  }

  encode(batch: SinkBatch, into: Buffer): BulkRequest {
    const { records } = batch;
    let memory = into;
    const { arena } = records;
    const rows = new Uint32Array(records.length);
    const rejected: { row: number; error: DeliveryError }[] = [];
    const actions = new ActionStarts();
    const newlines = new NewlineFinder(arena);
    let count = 0;
    let at = 0;
    for (let i = 0; i < records.length; i += 1) {
      const start = records.column(i, Column.valueStart);
      const end = start + records.column(i, Column.valueLength);
      const fault = faultOfValue(records, i) ?? this.#chooseIndex(records, i, actions);
      const broken = fault === undefined && newlines.within(start, end);
      const error = fault ?? (broken ? faultOfLines(records, i) : undefined);
      if (error !== undefined) {
        rejected.push({ row: i, error });
        continue;
      }
      const action = `${actions.current}${batch.id(i)}"}}\n`;
      if (at + action.length + end - start + 1 > memory.length) memory = grown(memory, at, action.length + end - start + 1);
      at += memory.write(action, at, 'latin1');
      at += broken ? copyAsOneLine(arena, start, end, memory, at) : arena.copy(memory, at, start, end);
      memory[at] = NEWLINE;
      at += 1;
      rows[count] = i;
      count += 1;
    }
    return { body: memory.subarray(0, at), memory, count, rows, rejected };
  }

  /** Puts the record's index into the action line, where records choose it; gives the reason where it is none. */
  #chooseIndex(records: RecordBatch, i: number, actions: ActionStarts): DeliveryError | undefined {
    if (this.#indexOf === undefined) return undefined;
    const value = parseObject(records, i);
    if (typeof value === 'string') return notAnObject(value);
    this.#record.moveTo(records, i, value);
    const name = this.#indexOf(this.#record);
    if (typeof name !== 'string' && typeof name !== 'number') return noIndex(name);
    const fault = actions.choose(String(name));
    return fault === undefined ? undefined : badIndex(String(name), fault);
  }
}

/** The beginnings of action lines up to the id, by index; checked and written once per name and batch. */
class ActionStarts {
  /** The beginning for the index chosen last; at first that without an index. */
  current = '{"create":{"_id":"';
  readonly #known = new Map<string, string>();
  #name: string | undefined;

  /** Makes `current` that of index `name`; gives what is wrong with the name. */
  choose(name: string): string | undefined {
    if (name === this.#name) return undefined;
    let start = this.#known.get(name);
    if (start === undefined) {
      const fault = renderedIndexNameFault(name);
      if (fault !== undefined) return fault;
      // As latin1 text, for the line is written as such: the bytes of the UTF-8 form, one character each.
      start = Buffer.from(`{"create":{"_index":${JSON.stringify(name)},"_id":"`).toString('latin1');
      this.#known.set(name, start);
    }
    this.#name = name;
    this.current = start;
    return undefined;
  }
}

/**
 * Finds the values with a raw line end, which would cut a bulk body in the wrong place. It looks for the next line end
 * after the last one only, so that an arena without any is searched once, not once a record.
 */
export class NewlineFinder {
  readonly #arena: Buffer;
  #from = Number.POSITIVE_INFINITY;
  #next = -1;

  constructor(arena: Buffer) {
    this.#arena = arena;
  }

  within(start: number, end: number): boolean {
    if (start < this.#from || this.#next < start) {
      const found = this.#arena.indexOf(NEWLINE, start);
      this.#from = start;
      this.#next = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#next < end;
  }
}

/** A larger copy of the first `used` bytes of `memory`. Node's writes stop at the end of a buffer without a word. */
export function grown(memory: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(used + needed, memory.length * 2));
  memory.copy(larger, 0, 0, used);
  return larger;
}

/** Refuses what plainly is no JSON object, cheaply: Elasticsearch itself says so of the rest, for each document. */
export function faultOfValue(records: RecordBatch, i: number): DeliveryError | undefined {
  const length = records.column(i, Column.valueLength);
  if (length < 0) return notAnObject('it has no value (a tombstone)');
  const start = records.column(i, Column.valueStart);
  const { arena } = records;
  if (length > 0 && arena[start] === OPEN_BRACE) return undefined;
  for (let at = start; at < start + length; at += 1) {
    const byte = arena[at] as number;
    if (byte === OPEN_BRACE) return undefined;
    if (byte !== SPACE && byte !== NEWLINE && byte !== 0x09 && byte !== 0x0d) return notAnObject('it does not begin with {');
  }
  return notAnObject('it is empty');
}

/** In JSON a raw line end can only stand between tokens, so a value that parses may lose it; any other is refused. */
export function faultOfLines(records: RecordBatch, i: number): DeliveryError | undefined {
  const value = parseObject(records, i);
  return typeof value === 'string' ? notAnObject(value) : undefined;
}

/** Copies a value with its line ends as spaces. (Writing it anew would change numbers beyond float64.) */
export function copyAsOneLine(arena: Buffer, start: number, end: number, memory: Buffer, at: number): number {
  arena.copy(memory, at, start, end);
  const length = end - start;
  for (let found = memory.indexOf(NEWLINE, at); found >= 0 && found < at + length; found = memory.indexOf(NEWLINE, found + 1)) {
    memory[found] = SPACE;
  }
  return length;
}

/** The value as an object, or why it is none. */
export function parseObject(records: RecordBatch, i: number): JsonObject | string {
  try {
    const value = records.valueJson(i);
    return isJsonObject(value) ? value : 'it is no object';
  } catch (error) {
    return reasonOf(error);
  }
}

export function notAnObject(reason: string): DeliveryError {
  return { code: 'ES_NOT_AN_OBJECT', message: errorMessage('ES_NOT_AN_OBJECT', { reason }) };
}

export function noIndex(given: JsonValue | undefined): DeliveryError {
  const reason = "the template gave no text; give a field that may be missing a default: {{ field ?? 'other' }}";
  return badIndex(JSON.stringify(given ?? null), reason);
}

export function badIndex(name: string, reason: string): DeliveryError {
  return { code: 'ES_INDEX_NAME', message: errorMessage('ES_INDEX_NAME', { name, reason }) };
}
