import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type Fingerprint, NO_CONTENT } from './fingerprint.ts';
import { type Mark, marksAt, tailOf } from './marks.ts';
import type { LanePositions } from './multiline/event-lines.ts';
import type { FilePosition } from './position.ts';
import type { KnownContents, Signature } from './signature.ts';

/** How long is waited before a file is tried again that could not be read: at first, and at most, in ms. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const NOWHERE: Mark = { offset: 0, tail: NO_CONTENT };
/** How many contents are remembered that a file had before. */
const MOST_FORMER = 3;

/** A content that a file had before. */
export interface Former extends Signature {
  /** When it was gone at the latest, in ns since 1970, by the file system's clock. */
  readonly until: bigint;
  /** Bytes that were not read before they went, as far as was seen. */
  readonly unread: number;
  /** Whether it was not truncated but deleted, and its inode used again. */
  readonly deleted: boolean;
}

/** One file, whatever its name is at the moment: how it is recognised and how far it has been read. */
export class TrackedFile {
  /** The key of its position: random, so that neither renaming nor another file in its place changes it. */
  readonly id: string;
  path: string;
  /** Where `path` led when the file was last opened, if it is or crosses a symbolic link: that may lead elsewhere by now. */
  target: string | undefined;
  device: string;
  inode: string;
  /** When it was created, in ns since 1970, where the file system tells that reliably. */
  born: string | undefined;
  head: Fingerprint = NO_CONTENT;
  tail: Fingerprint = NO_CONTENT;
  offset = 0;
  /** Places before `offset`, to know a copy by that ends before it. */
  marks: readonly Mark[] = [];
  skipping = false;
  /** Header lines that are still to be left out. */
  headerLines = 0;
  /** Whether nothing but zeros was read of it: it was truncated under a writer that went on where it was. */
  inHole = false;
  /** How far the streams in it are read, where that is more than `offset` says. */
  lanes: LanePositions = {};
  /** Where each stream's unfinished event ends so far, and since when (monotonic ms). */
  waiting: ReadonlyMap<string, { readonly end: number; readonly since: number }> = new Map();
  /** When an unfinished event is taken for complete (monotonic ms). */
  heldUntil = Number.POSITIVE_INFINITY;
  /** What was read of it before it was truncated or replaced, the latest last, and what was not read then. */
  former: readonly Former[] = [];
  /** Whether it is not known what it is, and what was known when it was found. */
  unjudged = false;
  newcomer: KnownContents | undefined;
  /** Whether it is compressed: `offset` then counts unpacked bytes, and what is in it is complete. */
  archive = false;
  /** Of an archive that was read to its end: how many bytes it had. */
  finishedSize: number | undefined;
  /** When it was found, or was last seen to have changed (monotonic ms). */
  quietSince = Number.NEGATIVE_INFINITY;
  /** When it may be tried again after it could not be read (monotonic ms), and how long that was waited for. */
  retryAt = Number.NEGATIVE_INFINITY;
  retryAfter = 0;
  /** Bytes it had when last looked at. */
  size = 0;
  /** When it was last written, in ns since 1970, as last looked at. */
  modified = -1n;
  /** Whether what is before `offset` is known to be what was read. Cleared by any change until looked at again. */
  verified = false;
  /** Whether it is to be looked into at the next opportunity. */
  pending = false;
  /** Whether another file was seen to have taken its inode. */
  impostor = false;
  /** Bytes to read where the source is bounded. */
  limit = Number.POSITIVE_INFINITY;
  /** Whether the last search found it. */
  present = true;
  /** When it was first not found (monotonic ms); NaN while it is found, and before the first search. */
  goneSince = Number.NaN;
  /** Whether it was looked for where a symbolic link had led to it, since it is not found any more. */
  sought = false;
  /** Whether reading begins at its end, because it was there before this source first ran. */
  fromEnd = false;
  /** Bytes that were unread when it was seen to shrink. */
  unreadWhenShrunk = 0;
  /** When it was last seen to have changed (monotonic ms); the first look is no change. */
  changedAt = Number.NEGATIVE_INFINITY;
  /** Why its content is not read; it is looked at again when it changes. */
  ignored: string | undefined;
  /** Size up to which all was read and no line ended, so that an unfinished line is not read again and again. */
  scanned = 0;

  #bornSeen: string | undefined;
  /** Where reading stands. */
  #last: Mark = NOWHERE;

  constructor(id: string, path: string, identity: { device: string; inode: string }) {
    this.id = id;
    this.path = path;
    this.device = identity.device;
    this.inode = identity.inode;
  }

  static found(path: string, stats: BigIntStats): TrackedFile {
    return new TrackedFile(randomUUID(), path, identityOf(stats));
  }

  static restored(id: string, position: FilePosition): TrackedFile {
    const file = new TrackedFile(id, position.path, position);
    file.head = position.head;
    file.tail = position.tail;
    file.offset = position.offset;
    file.marks = position.marks;
    file.#last = markOf(position);
    file.skipping = position.skipping;
    file.headerLines = position.headerLines;
    file.lanes = position.lanes;
    file.former = position.former;
    file.archive = position.archive;
    file.unjudged = position.unjudged;
    file.finishedSize = position.finishedSize;
    file.born = position.born;
    file.target = position.target;
    file.present = false;
    return file;
  }

  /** Whether it holds another content than it did, as far as that is remembered. */
  get isReplacement(): boolean {
    return this.former.at(-1)?.deleted === false;
  }

  get key(): string {
    return keyOf(this);
  }

  /** Whether there may be a line to read. */
  get ready(): boolean {
    if (!this.verified || this.ignored !== undefined) return false;
    if (this.archive) return this.finishedSize === undefined;
    return Math.min(this.size, this.limit) > Math.max(this.offset, this.scanned);
  }

  /** Takes over what a look at the file says. `born`: when it was created, where that is known. */
  see(stats: BigIntStats, now: number, born?: string): void {
    if (born !== undefined && this.born !== undefined && born !== this.born) this.impostor = true;
    this.#bornSeen = born;
    if (this.impostor) this.verified = false;
    const size = Number(stats.size);
    if (size === this.size && stats.mtimeNs === this.modified) return;
    if (size < this.size && !this.archive) this.unreadWhenShrunk += Math.max(0, this.size - this.offset);
    if (this.modified >= 0n) this.changedAt = now;
    this.quietSince = now;
    this.modified = stats.mtimeNs;
    this.size = size;
    this.verified = this.finishedSize === size && !this.impostor;
    this.retryAt = Number.NEGATIVE_INFINITY;
    if (!this.verified) this.finishedSize = undefined;
  }

  /** Notes that everything before `offset` has been dealt with; `read` is what stands before it, as far as it was read now. */
  advance(offset: number, read: Uint8Array): void {
    this.marks = marksAt(offset, read, this.#last, this.marks);
    this.offset = offset;
    this.tail = tailOf(read);
    this.#last = markOf(this);
  }

  /** Begins anew: what is in the file now is not what was read. `unread`: bytes that were not, as far as was seen. */
  restart(unread: number): void {
    if (this.offset > 0) {
      const { head, tail, offset, marks, modified: until, impostor: deleted } = this;
      this.former = [...this.former, { head, tail, offset, marks, until, unread, deleted }].slice(-MOST_FORMER);
    }
    this.born = undefined;
    this.head = NO_CONTENT;
    this.tail = NO_CONTENT;
    this.offset = 0;
    this.marks = [];
    this.#last = NOWHERE;
    this.scanned = 0;
    this.finishedSize = undefined;
    this.skipping = false;
    this.inHole = false;
    this.lanes = {};
    this.waiting = new Map();
    this.heldUntil = Number.POSITIVE_INFINITY;
    this.ignored = undefined;
    this.unreadWhenShrunk = 0;
    this.impostor = false;
  }

  /** Notes that its content is what it is known for, or that it begins anew with what it has. */
  confirm(): void {
    this.born ??= this.#bornSeen;
    this.scanned = 0;
    this.verified = true;
  }

  /** Has it tried again some time after `now` (monotonic ms), as it could not be read: each time later than the last. */
  postpone(now: number): void {
    this.verified = false;
    this.retryAfter = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, this.retryAfter * 2));
    this.retryAt = now + this.retryAfter;
  }

  /** Has it looked into at the next opportunity, whatever it was taken for. */
  lookAnew(): void {
    this.verified = false;
    this.pending = true;
    this.ignored = undefined;
  }

  /** Goes on where a copy of its content was read to. */
  continueAt({ tail, offset, marks }: Omit<Signature, 'head'>): void {
    this.born ??= this.#bornSeen;
    this.offset = offset;
    this.tail = tail;
    this.marks = marks;
    this.#last = markOf(this);
  }

  /** Makes what is there now all there will be, so that an unfinished last line is read as a line. */
  endHere(): void {
    this.limit = this.size;
    this.scanned = 0;
  }
}

/** Where reading stands, as a mark: with all that is before it, if the head is just that. */
function markOf({ head, tail, offset }: Pick<Signature, 'head' | 'tail' | 'offset'>): Mark {
  return { offset, tail: head.bytes === offset ? head : tail };
}

export function identityOf(stats: BigIntStats): { device: string; inode: string } {
  return { device: String(stats.dev), inode: String(stats.ino) };
}

export function keyOf(identity: { readonly device: string; readonly inode: string }): string {
  return `${identity.device}:${identity.inode}`;
}
