import { type Fingerprint, fingerprintOf } from './fingerprint.ts';

/** A place in a content that was read, and the bytes just before it. */
export interface Mark {
  readonly offset: number;
  readonly tail: Fingerprint;
}

/** How many bytes before a place are remembered to know it by. */
export const TAIL_BYTES = 256;
/** How far a mark of each level may lie behind what is read, in bytes, before a later one takes its place. The first is always the latest. */
const SPANS = [0, 4096, 65_536, 1_048_576];
/** Marks are also set so far before the end of what was read at once. */
const DISTANCES = [65_536, 8192, 1024];

/** The bytes just before the end of `read`, as far as they are there. */
export function tailOf(read: Uint8Array): Fingerprint {
  return fingerprintOf(read.subarray(Math.max(0, read.length - TAIL_BYTES)));
}

/**
 * The marks of a content that is read up to `offset`: `marks` are those so far, `last` is where reading stood before, and `read` ends
 * at `offset`. They are few, denser towards the end: a copy that ends a little before what was read has one shortly before its end.
 */
export function marksAt(offset: number, read: Uint8Array, last: Mark, marks: readonly Mark[]): Mark[] {
  const next = [...marks];
  if (last.offset > 0) insert(next, last, offset);
  for (const distance of DISTANCES) {
    const from = read.length - distance;
    if (from < TAIL_BYTES || offset - distance <= last.offset) continue;
    insert(next, { offset: offset - distance, tail: tailOf(read.subarray(0, from)) }, offset);
  }
  return next;
}

/** Puts a mark before the others; each that is too far back for its level moves on to the next. */
function insert(marks: Mark[], latest: Mark, offset: number): void {
  let moving: Mark | undefined = latest;
  for (const [level, span] of SPANS.entries()) {
    const there: Mark | undefined = marks[level];
    if (there !== undefined && offset - there.offset <= span) return;
    marks[level] = moving;
    moving = there;
    if (moving === undefined) return;
  }
}
