import type { FileHandle } from 'node:fs/promises';
import type { Archive } from './archive.ts';
import type { Catalog } from './catalog.ts';
import type { ContentReader } from './content-reader.ts';
import { fingerprintOf, readRange } from './fingerprint.ts';
import type { OpenFiles } from './open-files.ts';
import { endWithin, goesOn, KnownContents, type Signature, sameBefore } from './signature.ts';
import type { TrackedFile } from './tracked-file.ts';

/** How long a small file that may be a copy in the making is watched after its last change, in ms. */
const COPY_MS = 10_000;
/** How long a copy has to be unchanged, in ms, before it is taken for one that ended before its original did. */
const CUT_MS = 2000;
/** How long an archive has to be unchanged before it is taken for complete, in ms. */
const ARCHIVE_MS = 5000;

/** What a new file is. */
export type Verdict =
  /** A file of its own, read from its beginning. */
  | { readonly is: 'own' }
  /** The content of `original` in another file: only what is behind `at` is new. */
  | { readonly is: 'copy'; readonly original: TrackedFile; readonly of: Signature; readonly at: Stop }
  /** It holds what another file holds, or that can't be told yet. */
  | { readonly is: 'unclear' };

/** Where a copy goes on. */
export type Stop = Omit<Signature, 'head'>;

/** What is looked at. */
interface Look {
  readonly content: ContentReader;
  /** Its first bytes. */
  readonly head: Buffer;
  /** Monotonic, in ms. */
  readonly now: number;
}

const OWN: Verdict = { is: 'own' };
const UNCLEAR: Verdict = { is: 'unclear' };

/**
 * Tells what a new file is, so that nothing is read twice that rotation copies (`copytruncate`) or compresses. A file that
 * begins as another one did when this was found is a copy of it if it holds all that was read of that one, and if that one
 * was truncated since or is gone. As long as that one is there with the same content, it is read there.
 */
export class Newcomers {
  readonly #open: OpenFiles;
  readonly #catalog: Catalog;
  readonly #headBytes: number;
  readonly #bounded: boolean;

  constructor(open: OpenFiles, catalog: Catalog, options: { headBytes: number; bounded: boolean }) {
    this.#open = open;
    this.#catalog = catalog;
    this.#headBytes = options.headBytes;
    this.#bounded = options.bounded;
  }

  /** Takes over files that were just found, and those that an earlier run left unjudged: they are compared with what was known before. */
  welcome(found: readonly TrackedFile[]): void {
    const left = [...this.#catalog.files()].filter((file) => file.unjudged && file.newcomer === undefined);
    if (found.length + left.length === 0) return;
    const known = new KnownContents(this.#catalog.files());
    for (const file of [...found, ...left]) {
      file.newcomer = known;
      file.unjudged = true;
    }
  }

  /** Whether it is too early to look at a file: an archive that may still be written, or one that has nothing yet and may become a copy. */
  isEarly(file: TrackedFile, now: number): boolean {
    const quiet = now - file.quietSince;
    return !this.#bounded && ((file.archive && quiet < ARCHIVE_MS) || (file.size === 0 && quiet < COPY_MS));
  }

  async judge(file: TrackedFile, content: ContentReader, now: number): Promise<Verdict> {
    const head = await readRange(content, 0, this.#headBytes);
    if (file.newcomer !== undefined) file.head = fingerprintOf(head);
    const verdict = await this.#judgeBy(file.newcomer, file, { content, head, now });
    if (verdict.is !== 'own' || !file.archive) return verdict;
    // It was looked at late: files that were found with it, or since, may be what it was made of.
    return this.#judgeBy(new KnownContents(this.#catalog.files()), file, { content, head, now });
  }

  async #judgeBy(known: KnownContents | undefined, file: TrackedFile, look: Look): Promise<Verdict> {
    const others = [...(known?.like(look.head) ?? [])].filter((other) => other !== file);
    let best: Verdict = OWN;
    for (const other of others) {
      const verdict = await this.#compare(file, other, look);
      if (verdict.is === 'copy' && (best.is !== 'copy' || verdict.at.offset > best.at.offset)) best = verdict;
      // What another file may still read of it comes before what is known to be read.
      if (verdict.is === 'unclear') return verdict;
    }
    for (const other of best.is === 'own' ? others : []) {
      const verdict = await this.#compareEnd(file, other, look);
      if (verdict.is !== 'own') return verdict;
    }
    return best;
  }

  /**
   * Where the original of a copy was written to, and read, after it was copied, all that is in the copy is read. It was made before the
   * original was truncated: what is written later has but a heading in common with it.
   */
  async #compareEnd(file: TrackedFile, other: TrackedFile, { content, now }: Look): Promise<Verdict> {
    for (const of of other.former) {
      if (of.deleted || (file.isReplacement && this.#byChance(file, of))) continue;
      if (!file.archive && file.modified > of.until) continue;
      const at = await endWithin(content, file.archive ? await (content as Archive).measure() : file.size, of);
      if (at === undefined) continue;
      const growing = !this.#bounded && !file.archive && now - file.quietSince < CUT_MS;
      return growing ? UNCLEAR : { is: 'copy', original: other, of, at };
    }
    return OWN;
  }

  /**
   * Two small files may be the same by chance, one after the other: nobody copies such a file to delete it, and a log that was truncated
   * may begin with the line that others began with.
   */
  #byChance(file: TrackedFile, at: Stop): boolean {
    return !file.archive && at.offset < this.#headBytes;
  }

  async #compare(file: TrackedFile, other: TrackedFile, { content, now }: Look): Promise<Verdict> {
    // What that is will be clear before long; an archive can wait for it.
    const isOpen = other.present || this.#open.peek(other) !== undefined;
    if (file.archive && !other.archive && other.newcomer !== undefined && isOpen) return UNCLEAR;
    for (const at of other.former) {
      if (!((at.deleted || file.isReplacement) && this.#byChance(file, at)) && (await goesOn(content, at)))
        return { is: 'copy', original: other, of: at, at };
    }
    if (other.offset === 0 || (!other.present && this.#byChance(file, other))) return OWN;
    const handle = other.archive ? undefined : await this.#handleOf(other, file);
    if (handle === undefined && other.present && !other.archive) return UNCLEAR;
    if (handle === undefined) {
      return (await goesOn(content, other)) ? { is: 'copy', original: other, of: other, at: other } : OWN;
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

  /** A file that is gone has no path to be opened by. What is compared with it stays open. */
  async #handleOf(file: TrackedFile, beside: TrackedFile): Promise<FileHandle | undefined> {
    return this.#open.peek(file) ?? (file.present ? await this.#open.open(file, beside).catch(() => undefined) : undefined);
  }
}
