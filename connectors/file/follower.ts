import { type FileHandle, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BatchBuilder, type Emit, type JsonValue, RecordBatch, type SourceContext } from 'millrace/sdk';
import { Catalog } from './catalog.ts';
import type { FileConfig } from './config.ts';
import { isGzip } from './content.ts';
import type { ContentReader } from './content-reader.ts';
import { EventReader } from './event-reader.ts';
import type { FileReader } from './file-reader.ts';
import { readRange } from './fingerprint.ts';
import { InFlight } from './in-flight.ts';
import { LineReader } from './line-reader.ts';
import { Losses } from './losses.ts';
import { Newcomers } from './newcomers.ts';
import { OpenFiles } from './open-files.ts';
import { encodePosition } from './position.ts';
import { fileReason, isArchiveError, isFileError, Reports } from './reports.ts';
import { identityOf, keyOf, type TrackedFile } from './tracked-file.ts';
import { Unpacking } from './unpacking.ts';
import { verify } from './verify.ts';

/** How long a file that was deleted, or renamed out of sight, is held open after its last change: its writer may go on. */
const LINGER_MS = 30_000;
/** For how long a file that changed is looked at more often than a search comes around. */
const LATELY_MS = 60_000;
/** Key of the position that says that the source has run before, for `start: end`. No file's id looks like it. */
const STARTED = 'started';
const NS_PER_MS = 1_000_000n;

/** Finds files and reads what is new in them, pass by pass. What is in an inode that is used again is a new file too. */
export class Follower {
  readonly #config: FileConfig;
  readonly #context: SourceContext;
  readonly #emit: Emit;
  readonly #catalog: Catalog;
  readonly #open: OpenFiles;
  readonly #inFlight = new InFlight();
  /** Files whose position is to be stored although no record carries it. */
  readonly #unsaved = new Set<TrackedFile>();
  readonly #reports: Reports;
  readonly #reader: FileReader;
  readonly #bounded: boolean;
  readonly #newcomers: Newcomers;
  readonly #unpacking = new Unpacking();
  readonly #losses: Losses;
  /** Whether the last look was a search, and found no file that is not known for what it is. */
  #settled = false;
  #firstStart: boolean;

  constructor(config: FileConfig, context: SourceContext, emit: Emit) {
    this.#config = config;
    this.#context = context;
    this.#emit = emit;
    this.#bounded = context.once || !config.follow;
    this.#firstStart = config.start === 'end' && context.positions.size === 0;
    this.#reports = new Reports(context.log, context.lost);
    this.#catalog = new Catalog(config, context, this.#reports);
    this.#open = new OpenFiles(config.max_open_files);
    this.#newcomers = new Newcomers(this.#open, this.#catalog, { headBytes: config.fingerprint_bytes, bounded: this.#bounded });
    this.#losses = new Losses(this.#reports, this.#catalog.files());
    const Reader = config.multiline === undefined && config.encoding === 'utf-8' ? LineReader : EventReader;
    this.#reader = new Reader(config, context.host, {
      now: () => context.clock.now(),
      monotonic: () => context.clock.monotonic(),
      send: (file, builder) => this.#send(file, builder),
    });
  }

  /** Looks which files there are and what changed: {@link readRound} then reads it. */
  async search(): Promise<void> {
    const found = await this.#catalog.search();
    if (this.#firstStart) for (const file of found) file.fromEnd = true;
    else this.#newcomers.welcome(found);
    this.#settled = true;
    for (const file of this.#catalog.files()) {
      if (!file.present) await this.#lookAtGone(file);
      file.pending = this.#isPending(file);
      if (file.newcomer !== undefined) this.#settled = false;
    }
    await this.#savePositions();
    if (this.#bounded) for (const file of this.#catalog.files()) if (!file.archive) file.limit = Math.min(file.limit, file.size);
  }

  /** The directories of the files that are there. */
  directories(): Set<string> {
    return new Set([...this.#catalog.files()].filter((file) => file.present).map((file) => dirname(file.path)));
  }

  /**
   * Looks at the files that changed lately, and at those that `hinted` names, which costs little even where there are very
   * many files. Returns whether it names one that is not known.
   */
  async glance(hinted: Set<string>): Promise<boolean> {
    const now = this.#context.clock.monotonic();
    this.#settled = false;
    for (const file of this.#catalog.files()) {
      const isHinted = hinted.size > 0 && file.present && hinted.delete(file.path);
      if (!isHinted && now - file.changedAt > LATELY_MS) continue;
      const handle = this.#open.peek(file);
      if (handle === undefined && !isHinted) continue;
      await this.#guarded(file, async () => {
        const stats = await (handle === undefined
          ? stat(file.path, { bigint: true }).catch(() => undefined)
          : handle.stat({ bigint: true }));
        // Another file, or none, stands there by now: the next search tells which.
        if (stats !== undefined && keyOf(identityOf(stats)) === file.key) file.see(stats, now);
        else hinted.add(file.path);
      });
      file.pending = this.#isPending(file);
    }
    return hinted.size > 0;
  }

  /** Reads one block of each file that has something new, so that a large file does not hold up the others. */
  async readRound(): Promise<boolean> {
    let progressed = false;
    const now = this.#context.clock.monotonic();
    for (const file of this.#catalog.files()) {
      if (this.#context.signal.aborted) break;
      if (!file.pending && !file.ready && !this.#isDue(file, now)) continue;
      if (file.archive && this.#unpacking.isBusy(file)) continue;
      file.pending = false;
      await this.#guarded(file, () => this.#read(file));
      progressed = true;
    }
    this.#inFlight.check();
    if (!progressed && this.#settled) for (const file of this.#losses.report()) this.#unsaved.add(file);
    await this.#savePositions();
    return progressed;
  }

  /** Settles when everything emitted is committed. */
  async drained(): Promise<void> {
    await this.#inFlight.drained();
  }

  /** Leaves to the next run what is committed and not done: called before {@link close} where everything was committed. */
  handOver(): void {
    this.#losses.handOver();
  }

  async close(): Promise<void> {
    this.#unpacking.close();
    this.#losses.report();
    await this.#open.closeAll();
  }

  /** A file that can't be read is reported, and tried again less and less often; the others go on. */
  async #guarded(file: TrackedFile, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#inFlight.check();
      if (!isFileError(error)) throw error;
      // An archive is what it is until it changes.
      file.postpone(isArchiveError(error) ? Number.POSITIVE_INFINITY : this.#context.clock.monotonic());
      this.#unpacking.release(file);
      await this.#open.close(file).catch(() => undefined);
      this.#reports.say(`read ${file.id}`, 'FILE_UNREADABLE', { path: file.path, reason: fileReason(error) });
    }
  }

  async #read(file: TrackedFile): Promise<void> {
    const handle = await this.#open.open(file);
    file.verified &&= handle !== undefined;
    if (handle === undefined) return;
    if (file.impostor) this.#meet(file);
    if (!file.verified && this.#config.compressed === 'gzip') await this.#lookForArchive(file, handle);
    if (file.archive && this.#unpacking.isBusy(file)) {
      file.pending = true;
      return;
    }
    const content = file.archive ? this.#unpacking.of(file, handle) : handle;
    if (!file.verified && (await this.#isKnown(file, content))) await this.#verify(file, content);
    if (file.ready || this.#isDue(file, this.#context.clock.monotonic())) await this.#reader.readBlock(file, content);
    if (content !== handle) this.#endArchive(file, content);
  }

  /** A new file in an inode that is used again may be a copy as well as any other. */
  #meet(file: TrackedFile): void {
    const unread = file.unreadWhenShrunk;
    file.restart(unread);
    this.#beginAnew(file, 'another file was created in its place', unread);
  }

  #beginAnew(file: TrackedFile, reason: string, unread: number): void {
    if (unread > 0) this.#losses.add(file, reason, unread);
    else this.#reports.say(`replaced ${file.id}`, 'FILE_REPLACED', { path: file.path, reason });
    this.#unsaved.add(file);
    if (file.size > 0) this.#newcomers.welcome([file]);
  }

  async #lookForArchive(file: TrackedFile, handle: FileHandle): Promise<void> {
    const packed = isGzip(await readRange(handle, 0, 2));
    if (file.archive && !packed) file.restart(0);
    if (file.archive || file.offset === 0) file.archive = packed;
    // What a search took for the end of the file is counted in packed bytes.
    if (file.archive) file.limit = Number.POSITIVE_INFINITY;
  }

  /** Lets the next archive be unpacked, when this one is read to its end or can't be read yet. */
  #endArchive(file: TrackedFile, content: ContentReader): void {
    const finished = file.verified && content.length !== undefined && file.offset >= content.length;
    if (finished) {
      file.finishedSize = file.size;
      this.#unsaved.add(file);
    }
    if (finished || !file.ready) this.#unpacking.release(file);
  }

  /** Whether it is clear what a new file is; if it goes on where another one was read to, it is read from there. */
  async #isKnown(file: TrackedFile, content: ContentReader): Promise<boolean> {
    if (file.newcomer === undefined) return true;
    const now = this.#context.clock.monotonic();
    if (this.#newcomers.isEarly(file, now)) return false;
    const verdict = await this.#newcomers.judge(file, content, now);
    if (verdict.is === 'unclear') return false;
    file.newcomer = undefined;
    file.unjudged = false;
    if (verdict.is === 'own') return true;
    const { original, of, at } = verdict;
    file.continueAt(at);
    original.former = original.former.filter((each) => each !== of);
    this.#losses.recovered(original, at, content.length ?? file.size);
    this.#unsaved.add(file).add(original);
    // Both at once and before any record, so that what was copied is neither taken for new nor used twice.
    await this.#savePositions();
    return true;
  }

  #isPending(file: TrackedFile): boolean {
    if (file.verified || this.#context.clock.monotonic() < file.retryAt) return false;
    if (!file.present && this.#open.peek(file) === undefined) return false;
    const { ignore_older: age } = this.#config;
    return age === undefined || file.offset > 0 || this.#context.clock.now() - Number(file.modified / NS_PER_MS) <= age;
  }

  /** Whether an unfinished event of the file has waited long enough. */
  #isDue(file: TrackedFile, now: number): boolean {
    return file.heldUntil <= now && file.verified && (file.present || this.#open.peek(file) !== undefined);
  }

  async #verify(file: TrackedFile, content: ContentReader): Promise<void> {
    const verdict = await verify(file, content, this.#config);
    file.retryAfter = 0;
    if (verdict.beganAtEnd) this.#unsaved.add(file);
    this.#reports.clear(`read ${file.id}`);
    const { replaced: reason, unread } = verdict;
    if (reason !== undefined) {
      this.#reports.clear(`replaced ${file.id}`);
      this.#beginAnew(file, reason, unread);
      // What is in it now may be an archive or a copy as well: all of that is looked at anew.
      file.lookAnew();
    } else if (file.ignored === undefined) this.#reports.clear(`text ${file.id}`);
    else this.#reports.say(`text ${file.id}`, 'FILE_NOT_TEXT', { path: file.path, reason: file.ignored });
  }

  /** A file without a name may still be written by whoever has it open. */
  async #lookAtGone(file: TrackedFile): Promise<void> {
    const handle = this.#open.peek(file) ?? (file.sought ? undefined : await this.#open.reopen(file));
    file.sought = true;
    if (handle === undefined) {
      this.#reportUnread(file);
      return;
    }
    const now = this.#context.clock.monotonic();
    await this.#guarded(file, async () => file.see(await handle.stat({ bigint: true }), now));
    const quiet = now - Math.max(file.changedAt, file.goneSince);
    if (file.ready || !file.verified || quiet < LINGER_MS) return;
    const { archive, size, offset, limit } = file;
    if (!archive && size > offset && size < limit) file.endHere();
    else await this.#open.close(file);
  }

  /** A file that vanished while it was closed can't be read to its end. */
  #reportUnread(file: TrackedFile): void {
    const bytes = file.size - file.offset;
    if (bytes <= 0 || file.ignored !== undefined || file.archive || file.newcomer !== undefined) return;
    this.#losses.add(file, 'it vanished', bytes);
    file.size = file.offset;
  }

  /** Stores what no record carries: where files begin, and which are forgotten. */
  async #savePositions(): Promise<void> {
    const positions: Record<string, JsonValue | null> = {};
    for (const id of this.#catalog.takeForgotten()) positions[id] = null;
    for (const file of this.#unsaved) positions[file.id] = encodePosition(file);
    this.#unsaved.clear();
    if (this.#firstStart) positions[STARTED] = true;
    this.#firstStart = false;
    if (Object.keys(positions).length === 0) return;
    this.#inFlight.add(this.#emit(RecordBatch.empty, { positions }), 0);
    await this.#inFlight.room();
  }

  async #send(file: TrackedFile, builder: BatchBuilder): Promise<void> {
    const positions = { [file.id]: encodePosition(file) };
    this.#inFlight.add(this.#emit(builder.batch(), { positions, spread: file.id }), builder.bytes);
    builder.reset();
    await this.#context.room();
    await this.#inFlight.room();
  }
}
