import type { ContentReader } from './content-reader.ts';
import { beginsWith, type Fingerprint, fingerprintOf, readRange } from './fingerprint.ts';
import type { TrackedFile } from './tracked-file.ts';

/** What was read of a content, to know it again in a copy or an archive. */
export interface Signature {
  readonly head: Fingerprint;
  readonly tail: Fingerprint;
  readonly offset: number;
}

/** Whether a content holds what the signature was taken of, and goes on behind it. */
export async function goesOn(content: ContentReader, { head, tail, offset }: Signature): Promise<boolean> {
  // The head may be of more than was read: then a copy may end within it, and what was read last has to do.
  const beginning = await readRange(content, 0, head.bytes);
  if (beginning.length < head.bytes ? beginning.length < offset : !beginsWith(beginning, head)) return false;
  const before = await readRange(content, offset - tail.bytes, tail.bytes);
  return before.length === tail.bytes && beginsWith(before, tail);
}

/** Whether two contents hold the same in the last bytes before `end`. */
export async function sameBefore(end: number, a: ContentReader, b: ContentReader): Promise<boolean> {
  const start = Math.max(0, end - COMPARED_BYTES);
  const [left, right] = await Promise.all([readRange(a, start, end - start), readRange(b, start, end - start)]);
  return left.equals(right);
}

const COMPARED_BYTES = 4096;

/** The files that something was read of, be it of an event that is not complete, by the beginnings of their contents. Taken at a moment, it does not change. */
export class KnownContents {
  readonly #byLength = new Map<number, Map<string, Set<TrackedFile>>>();

  constructor(files: Iterable<TrackedFile>) {
    for (const file of files) {
      if (file.offset > 0 || file.waiting.size > 0) this.#add(file.head, file);
      for (const { head } of file.former) this.#add(head, file);
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
