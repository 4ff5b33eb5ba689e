import { isJsonObject, type JsonObject, type JsonValue } from 'millrace/sdk';
import { type Fingerprint, NO_CONTENT } from './fingerprint.ts';
import type { Mark } from './marks.ts';
import type { LanePosition } from './multiline/lane.ts';
import type { Former } from './tracked-file.ts';

/** Where the source stands in one file, and how to know that file again. */
export interface FilePosition {
  /** Its last known path: for people, it identifies nothing. */
  readonly path: string;
  /** Where that path led, if it is or crosses a symbolic link. */
  readonly target: string | undefined;
  /** Device and inode in decimal; as text, because an inode number may exceed 2^53. */
  readonly device: string;
  readonly inode: string;
  /** When the file was created, in ns since 1970, where the file system tells that. */
  readonly born: string | undefined;
  /** The file's first bytes: they grow with the file up to `fingerprint_bytes`. */
  readonly head: Fingerprint;
  /** The bytes just before `offset`: they tell a file from another one with the same beginning. */
  readonly tail: Fingerprint;
  /** Bytes of whole lines emitted. */
  readonly offset: number;
  /** Places before `offset`, each with the bytes just before it: they tell a copy that ends before `offset`. */
  readonly marks: readonly Mark[];
  /** Whether `offset` is within a line that was too long, whose rest is to be skipped. */
  readonly skipping: boolean;
  /** Header lines behind `offset` that are still to be left out. */
  readonly headerLines: number;
  /** How far single streams in the file are read beyond `offset`, by their names. */
  readonly lanes: Readonly<Record<string, LanePosition>>;
  /** What was read of other contents that the file had before, to know them again in a copy. */
  readonly former: readonly Former[];
  /** Whether the file is compressed: `offset` counts unpacked bytes. */
  readonly archive: boolean;
  /** Of an archive that was read to its end: how many bytes it has. */
  readonly finishedSize: number | undefined;
  /** Whether it is not known yet what the file is: it may be a copy of another one. */
  readonly unjudged: boolean;
}

/** A position as it is stored. */
export function encodePosition(position: FilePosition): JsonObject {
  const { path, target, device, inode, born, head, tail, offset, marks, skipping, headerLines, lanes } = position;
  const { former, archive, finishedSize, unjudged } = position;
  return {
    path,
    ...(target === undefined ? {} : { target }),
    device,
    inode,
    ...(born === undefined ? {} : { born }),
    fingerprint: head.hash,
    fingerprint_bytes: head.bytes,
    tail: tail.hash,
    tail_bytes: tail.bytes,
    offset,
    ...(marks.length > 0 ? { marks: marks.map(encodeMark) } : {}),
    ...(skipping ? { skipping } : {}),
    ...(headerLines > 0 ? { header_lines: headerLines } : {}),
    ...(Object.keys(lanes).length > 0 ? { lanes } : {}),
    ...(former.length > 0 ? { former: former.map(encodeFormer) } : {}),
    ...(archive ? { archive } : {}),
    ...(unjudged ? { unjudged } : {}),
    ...(finishedSize === undefined ? {} : { finished_size: finishedSize }),
  };
}

/** Reads a stored position; `undefined` where it is none. */
export function decodePosition(value: JsonValue): FilePosition | undefined {
  if (!isJsonObject(value)) return undefined;
  const { path, target, device, inode, born, skipping } = value;
  const offset = countOf(value['offset']);
  if (typeof path !== 'string' || typeof device !== 'string' || typeof inode !== 'string') return undefined;
  if (offset === undefined) return undefined;
  const head = decodeFingerprint(value['fingerprint'], value['fingerprint_bytes']);
  const tail = decodeFingerprint(value['tail'], value['tail_bytes']);
  return {
    path,
    target: typeof target === 'string' ? target : undefined,
    device,
    inode,
    born: typeof born === 'string' ? born : undefined,
    head,
    tail,
    offset,
    marks: decodeMarks(value['marks']),
    skipping: skipping === true,
    headerLines: countOf(value['header_lines']) ?? 0,
    lanes: decodeLanes(value['lanes']),
    former: decodeFormer(value['former']),
    archive: value['archive'] === true,
    unjudged: value['unjudged'] === true,
    finishedSize: countOf(value['finished_size']),
  };
}

function encodeMark({ offset, tail }: Mark): JsonValue {
  return [offset, tail.bytes, tail.hash];
}

function decodeMarks(value: JsonValue | undefined): Mark[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: JsonValue): Mark[] => {
    if (!Array.isArray(each)) return [];
    const offset = countOf(each[0]);
    const tail = decodeFingerprint(each[2], each[1]);
    return offset === undefined || tail.bytes === 0 ? [] : [{ offset, tail }];
  });
}

function encodeFormer({ head, tail, offset, marks, until, unread, deleted }: Former): JsonObject {
  return {
    fingerprint: head.hash,
    fingerprint_bytes: head.bytes,
    tail: tail.hash,
    tail_bytes: tail.bytes,
    offset,
    ...(marks.length > 0 ? { marks: marks.map(encodeMark) } : {}),
    until: String(until),
    ...(unread > 0 ? { unread } : {}),
    ...(deleted ? { deleted } : {}),
  };
}

function decodeFormer(value: JsonValue | undefined): Former[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: JsonValue): Former[] => {
    if (!isJsonObject(each)) return [];
    const offset = countOf(each['offset']);
    if (offset === undefined) return [];
    const head = decodeFingerprint(each['fingerprint'], each['fingerprint_bytes']);
    const tail = decodeFingerprint(each['tail'], each['tail_bytes']);
    const marks = decodeMarks(each['marks']);
    const until = typeof each['until'] === 'string' && /^\d{1,20}$/.test(each['until']) ? BigInt(each['until']) : 0n;
    return [{ head, tail, offset, marks, until, unread: countOf(each['unread']) ?? 0, deleted: each['deleted'] === true }];
  });
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function decodeLanes(value: JsonValue | undefined): Record<string, LanePosition> {
  const lanes = new Map<string, LanePosition>();
  if (!isJsonObject(value)) return {};
  for (const [name, lane] of Object.entries(value)) {
    if (!isJsonObject(lane)) continue;
    const done = countOf(lane['done']);
    const { leaving_out: state } = lane;
    const position = { ...(done === undefined ? {} : { done }), ...(typeof state === 'string' ? { leaving_out: state } : {}) };
    lanes.set(name, position);
  }
  return Object.fromEntries(lanes);
}

function decodeFingerprint(hash: JsonValue | undefined, bytes: JsonValue | undefined): Fingerprint {
  if (typeof hash !== 'string' || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return NO_CONTENT;
  return { hash, bytes };
}
