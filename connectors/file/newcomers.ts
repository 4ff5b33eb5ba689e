import type { FileHandle } from 'node:fs/promises';
import type { Archive } from './archive.ts';
import type { ContentReader } from './content-reader.ts';
import { fingerprintOf, readRange } from './fingerprint.ts';
import type { OpenFiles } from './open-files.ts';
import { goesOn, KnownContents, type Signature, sameBefore } from './signature.ts';
import type { TrackedFile } from './tracked-file.ts';

/** How long a small file that may be a copy in the making is watched after its last change, in ms. */
const COPY_MS = 10_000;
/** How long an archive has to be unchanged before it is taken for complete, in ms. */
const ARCHIVE_MS = 5000;

/** What a new file is. */
export type Verdict =
  /** A file of its own, read from its beginning. */
  | { readonly is: 'own' }
  /** The content of `original` in another file: only what is behind `at` is new. */
  | { readonly is: 'copy'; readonly original: TrackedFile; readonly at: Signature }
  /** It holds what another file holds, or that can't be told yet. */
  | { readonly is: 'unclear' };

const OWN: Verdict = { is: 'own' };
const UNCLEAR: Verdict = { is: 'unclear' };

/**
 * Tells what a new file is, so that nothing is read twice that rotation copies (`copytruncate`) or compresses. A file that
 * begins as another one did when this was found is a copy of it if it holds all that was read of that one, and if that one
 * was truncated since or is gone. As long as that one is there with the same content, it is read there.
 */
export class Newcomers {
  readonly #open: OpenFiles;
  readonly #headBytes: number;
  readonly #bounded: boolean;

  constructor(open: OpenFiles, options: { headBytes: number; bounded: boolean }) {
    this.#open = open;
    this.#headBytes = options.headBytes;
    this.#bounded = options.bounded;
  }

  /** Takes over files that were just found: they are compared with what was known before. */
  welcome(found: readonly TrackedFile[], files: Iterable<TrackedFile>): void {
    if (found.length === 0) return;
    const known = new KnownContents(files);
    for (const file of found) {
      file.newcomer = known;
      file.unjudged = true;
    }
  }

  /** Whether it is too early to look at an archive that may still be written. */
  isEarly(file: TrackedFile, now: number): boolean {
    return !this.#bounded && now - file.quietSince < ARCHIVE_MS;
  }

  async judge(file: TrackedFile, content: ContentReader, now: number): Promise<Verdict> {
    const head = await readRange(content, 0, this.#headBytes);
    if (file.newcomer !== undefined) file.head = fingerprintOf(head);
    let best: Verdict = OWN;
    for (const other of file.newcomer?.like(head) ?? []) {
      if (other === file) continue;
      const verdict = await this.#compare(file, content, { other, now });
      if (verdict.is === 'copy' && (best.is !== 'copy' || verdict.at.offset > best.at.offset)) best = verdict;
      // What another file may still read of it comes before what is known to be read.
      if (verdict.is === 'unclear') return verdict;
    }
    return best;
  }

  async #compare(
    file: TrackedFile,
    content: ContentReader,
    { other, now }: { other: TrackedFile; now: number },
  ): Promise<Verdict> {
    // Two small files may be the same by chance, one after the other; nobody copies such a file to delete it.
    const byChance = (at: Signature): boolean => !file.archive && at.offset < this.#headBytes;
    for (const at of other.former) {
      if (!(at.deleted && byChance(at)) && (await goesOn(content, at))) return { is: 'copy', original: other, at };
    }
    if (other.offset === 0 || (!other.present && byChance(other))) return OWN;
    const handle = other.archive ? undefined : await this.#handleOf(other);
    if (handle === undefined && other.present && !other.archive) return UNCLEAR;
    if (handle === undefined) {
      return (await goesOn(content, other)) ? { is: 'copy', original: other, at: other } : OWN;
    }
    // Gone, but held open: what is left of it is read there first.
    if (!other.present && file.archive) return (await goesOn(content, other)) ? UNCLEAR : OWN;
    const { size } = await handle.stat();
    const changed = size < other.offset || !(await goesOn(handle, other));
    if (changed) return UNCLEAR;
    const length = file.archive ? await (content as Archive).measure() : file.size;
    if (length > size || !(await sameBefore(length, content, handle))) return OWN;
    const surely = file.archive || length >= this.#headBytes;
    return surely || (!this.#bounded && now - file.quietSince < COPY_MS) ? UNCLEAR : OWN;
  }

  /** A file that is gone has no path to be opened by. */
  async #handleOf(file: TrackedFile): Promise<FileHandle | undefined> {
    return this.#open.peek(file) ?? (file.present ? await this.#open.open(file).catch(() => undefined) : undefined);
  }
}
