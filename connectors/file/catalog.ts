import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SourceContext } from 'millrace/sdk';
import { BirthTimes } from './birth.ts';
import type { FileConfig } from './config.ts';
import { Glob } from './glob.ts';
import { decodePosition } from './position.ts';
import { fileReason, type Reports } from './reports.ts';
import { identityOf, keyOf, TrackedFile } from './tracked-file.ts';

/** Looks at files at once: enough to hide the file system's latency, few enough to leave the thread pool to others. */
const LOOKS_AT_ONCE = 8;
/** How long a file is remembered that is not found any more; counted while the source runs. */
const REMEMBERED_MS = 24 * 3_600_000;
/** How many such files are remembered. */
const MAX_REMEMBERED = 10_000;

interface Sighting {
  readonly path: string;
  readonly stats: BigIntStats;
  readonly born: string | undefined;
}

/** Which files there are: finds them by the patterns, and knows them again by device and inode whatever their name is. */
export class Catalog {
  readonly #files = new Map<string, TrackedFile>();
  readonly #byKey = new Map<string, TrackedFile>();
  readonly #restoredByInode = new Map<string, TrackedFile>();
  readonly #glob: Glob;
  readonly #forgotten: string[] = [];
  readonly #births = new BirthTimes();
  readonly #literal: ReadonlySet<string>;
  readonly #patterns: string;
  readonly #context: SourceContext;
  readonly #reports: Reports;

  constructor(config: FileConfig, context: SourceContext, reports: Reports) {
    this.#glob = new Glob(config.include, config.exclude);
    this.#literal = new Set(config.include.map((path) => resolve(path)));
    this.#patterns = config.include.join(', ');
    this.#context = context;
    this.#reports = reports;
    for (const [id, value] of context.positions) {
      const position = decodePosition(value);
      if (position === undefined) continue;
      const file = TrackedFile.restored(id, position);
      this.#add(file);
      this.#restoredByInode.set(file.inode, file);
    }
  }

  /** The files known, those gone included. */
  files(): Iterable<TrackedFile> {
    return this.#files.values();
  }

  /** Searches for files. Returns those never seen before. */
  async search(): Promise<TrackedFile[]> {
    const sightings = await this.#sightings();
    const now = this.#context.clock.monotonic();
    const seen = new Set<TrackedFile>();
    const strangers: Sighting[] = [];
    // Exact matches first, so that a file whose device number changed takes nobody else's place.
    for (const [key, sighting] of sightings) {
      const file = this.#byKey.get(key);
      if (file === undefined) strangers.push(sighting);
      else seen.add(this.#see(file, sighting, now));
    }
    const found: TrackedFile[] = [];
    for (const sighting of strangers) {
      let file = this.#sameInodeOnAnotherDevice(sighting, seen);
      if (file === undefined) {
        file = TrackedFile.found(sighting.path, sighting.stats);
        this.#add(file);
        found.push(file);
      }
      seen.add(this.#see(file, sighting, now));
    }
    for (const file of this.#files.values()) if (!seen.has(file)) this.#miss(file, now);
    this.#forgetGone(now);
    return found;
  }

  /** The ids of files forgotten since the last call: not found for too long, or too many of them. */
  takeForgotten(): string[] {
    return this.#forgotten.splice(0);
  }

  #forgetGone(now: number): void {
    const gone = [...this.#files.values()].filter((file) => !file.present).sort((a, b) => a.goneSince - b.goneSince);
    const surplus = gone.length - MAX_REMEMBERED;
    for (const [i, file] of gone.entries()) {
      if (i >= surplus && now - file.goneSince < REMEMBERED_MS) break;
      this.#files.delete(file.id);
      this.#byKey.delete(file.key);
      this.#forgotten.push(file.id);
    }
  }

  #add(file: TrackedFile): void {
    this.#files.set(file.id, file);
    this.#byKey.set(file.key, file);
  }

  #see(file: TrackedFile, { path, stats, born }: Sighting, now: number): TrackedFile {
    file.path = path;
    file.present = true;
    file.goneSince = Number.NaN;
    file.sought = false;
    file.limit = Number.POSITIVE_INFINITY;
    file.see(stats, now, born);
    return file;
  }

  #miss(file: TrackedFile, now: number): void {
    if (file.present || Number.isNaN(file.goneSince)) file.goneSince = now;
    file.present = false;
  }

  /** Device numbers may change when a machine starts; the content is compared before anything is read. */
  #sameInodeOnAnotherDevice({ stats }: Sighting, seen: ReadonlySet<TrackedFile>): TrackedFile | undefined {
    const { device, inode } = identityOf(stats);
    const file = this.#restoredByInode.get(inode);
    if (file === undefined || seen.has(file) || !this.#files.has(file.id)) return undefined;
    this.#byKey.delete(file.key);
    file.device = device;
    this.#byKey.set(file.key, file);
    return file;
  }

  /** What the patterns lead to, one path for each file. */
  async #sightings(): Promise<Map<string, Sighting>> {
    const { paths, problems } = await this.#glob.search();
    const current = new Set<string>();
    for (const [path, problem] of problems) {
      current.add(`directory ${path}`);
      this.#reports.say(`directory ${path}`, 'FILE_DIRECTORY_UNREADABLE', { path: path || '/', reason: fileReason(problem) });
    }
    this.#reports.clearOthers('directory ', current);
    const sightings = new Map<string, Sighting>();
    for (let i = 0; i < paths.length; i += LOOKS_AT_ONCE) {
      const looks = paths.slice(i, i + LOOKS_AT_ONCE).map((path) => this.#look(path));
      for (const sighting of await Promise.all(looks)) if (sighting !== undefined) this.#choose(sightings, sighting);
    }
    if (sightings.size > 0) this.#reports.clear('nothing');
    else if (problems.size === 0) this.#reports.say('nothing', 'FILE_NOTHING_FOUND', { patterns: this.#patterns });
    return sightings;
  }

  /** Of several paths to one file the one it was known by is kept, else the first. */
  #choose(sightings: Map<string, Sighting>, sighting: Sighting): void {
    const key = keyOf(identityOf(sighting.stats));
    if (!sightings.has(key) || this.#byKey.get(key)?.path === sighting.path) sightings.set(key, sighting);
  }

  async #look(path: string): Promise<Sighting | undefined> {
    try {
      const stats = await stat(path, { bigint: true });
      this.#reports.clear(`look ${path}`);
      return stats.isFile() ? { path, stats, born: await this.#births.of(path, stats) } : undefined;
    } catch (error) {
      // A name that a glob found a moment ago and that is gone now was renamed or deleted: nothing to report.
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!gone || this.#literal.has(path)) {
        this.#reports.say(`look ${path}`, 'FILE_UNREADABLE', { path, reason: fileReason(error) });
      }
      return undefined;
    }
  }
}
