import type { ContentReader } from './content-reader.ts';
import { beginsWith, type Fingerprint, fingerprintOf, readRange } from './fingerprint.ts';
import { type Mark, TAIL_BYTES } from './marks.ts';
import type { TrackedFile } from './tracked-file.ts';

/** What was read of a content, to know it again in a copy or an archive. */
export interface Signature {
  readonly head: Fingerprint;
  readonly tail: Fingerprint;
  readonly offset: number;
  /** Places before `offset`. */
  readonly marks: readonly Mark[];
}

/** Whether a content holds what the signature was taken of, and goes on behind it. */
export async function goesOn(content: ContentReader, { head, tail, offset }: Signature): Promise<boolean> {
  // The head may be of more than was read: then a copy may end within it, and what was read last has to do.
  const beginning = await readRange(content, 0, head.bytes);
  if (beginning.length < head.bytes ? beginning.length < offset : !beginsWith(beginning, head)) return false;
  const before = await readRange(content, offset - tail.bytes, tail.bytes);
  return before.length === tail.bytes && beginsWith(before, tail);
}

/**
 * Where a content ends that ends before what the signature was taken of, and is its beginning as far as can be told: it begins
 * alike, and holds the same before the last mark in it, which is not in its first half. `undefined` where that is not so. What is but a
 * small part of the other content is not known by so little: it may be a heading that both have.
 */
export async function endWithin(content: ContentReader, length: number, { head, offset, marks }: Signature) {
  const mark = marks.reduce<Mark | undefined>((best, each) => {
    return each.offset <= length && each.offset > (best?.offset ?? 0) ? each : best;
  }, undefined);
  if (length >= offset || length * LEAST_PART < offset || mark === undefined || mark.offset * 2 < length) return undefined;
  const { tail } = mark;
  if (!beginsWith(await readRange(content, mark.offset - tail.bytes, tail.bytes), tail)) return undefined;
  const whole = mark.offset === length && tail.bytes === length;
  if (!whole && (mark.offset < head.bytes || !beginsWith(await readRange(content, 0, head.bytes), head))) return undefined;
  const bytes = Math.min(length, TAIL_BYTES);
  const end = fingerprintOf(await readRange(content, length - bytes, bytes));
  return { tail: end, offset: length, marks: marks.filter((each) => each.offset <= length) };
}

/** Whether two contents hold the same in the last bytes before `end`. */
export async function sameBefore(end: number, a: ContentReader, b: ContentReader): Promise<boolean> {
  const start = Math.max(0, end - COMPARED_BYTES);
  const [left, right] = await Promise.all([readRange(a, start, end - start), readRange(b, start, end - start)]);
  return left.equals(right);
}

const COMPARED_BYTES = 4096;
/** A copy that ends before its original has at least one of so many parts of it. */
const LEAST_PART = 4;

/** The files that something was read of, be it of an event that is not complete, and those that may be copies, by the beginnings of their contents. Taken at a moment, it does not change. */
export class KnownContents {
  readonly #byLength = new Map<number, Map<string, Set<TrackedFile>>>();

  constructor(files: Iterable<TrackedFile>) {
    for (const file of files) {
      if (file.offset > 0 || file.waiting.size > 0 || file.newcomer !== undefined) this.#add(file.head, file);
      for (const { head } of file.former) this.#add(head, file);
      // A content that was small when it was copied, and read further since, is known by all that it was then.
      const marks = [file, ...file.former].flatMap((each) => each.marks);
      for (const { offset, tail } of marks) if (tail.bytes === offset) this.#add(tail, file);
    }
  }

  /** Those whose content began like this. */
  like(head: Buffer): Set<TrackedFile> {
    const found = new Set<TrackedFile>();
    for (const [bytes, files] of this.#byLength) {
      if (bytes > head.length) continue;
      for (const file of files.get(fingerprintOf(head.subarray(0, bytes)).hash) ?? []) found.add(file);
    }
    return found;
  }

  #add({ bytes, hash }: Fingerprint, file: TrackedFile): void {
    if (bytes === 0) return;
    const files = this.#byLength.get(bytes) ?? new Map<string, Set<TrackedFile>>();
    this.#byLength.set(bytes, files);
    const same = files.get(hash) ?? new Set<TrackedFile>();
    files.set(hash, same);
    same.add(file);
  }
}
