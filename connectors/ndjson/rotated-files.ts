import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** `events.ndjson.2026-01-31T12-00-00.000Z`, with `.gz` once compressed: all of one width, so that names sort by time. */
const SUFFIX = /^\.\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z(\.gz)?$/;
const COMPRESSED = '.gz';
/** A compressed file that is being written; it gets its name when it is whole. */
const UNFINISHED = '.gz.tmp';

/** The files that a file was rotated to, beside it. */
export class RotatedFiles {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A name for what is rotated at `now` that no other has. */
  async freeName(now: number): Promise<string> {
    for (let time = now; ; time += 1) {
      const name = `${this.#path}.${new Date(time).toISOString().replaceAll(':', '-')}`;
      if (!(await exists(name)) && !(await exists(name + COMPRESSED))) return name;
    }
  }

  /** All of them, the oldest first. */
  async list(): Promise<string[]> {
    return (await this.#beside()).filter((name) => SUFFIX.test(this.#suffixOf(name))).map((name) => this.#pathOf(name));
  }

  /** Removes all but the newest `keep`. */
  async prune(keep: number): Promise<void> {
    const files = await this.list();
    for (const file of files.slice(0, Math.max(0, files.length - keep))) await rm(file, { force: true });
  }

  /** Compresses those that are not; ends what a crash left half done. */
  async compress(signal: AbortSignal): Promise<void> {
    await this.#removeUnfinished();
    const files = await this.list();
    const whole = new Set(files);
    for (const file of files) {
      if (file.endsWith(COMPRESSED)) continue;
      if (!whole.has(file + COMPRESSED)) await gzip(file, signal);
      await rm(file, { force: true });
    }
  }

  async #removeUnfinished(): Promise<void> {
    for (const name of await this.#beside()) {
      const suffix = this.#suffixOf(name);
      if (suffix.endsWith(UNFINISHED) && SUFFIX.test(suffix.slice(0, -UNFINISHED.length)))
        await rm(this.#pathOf(name), { force: true });
    }
  }

  /** Names in the directory that begin with the file's own, sorted. */
  async #beside(): Promise<string[]> {
    const own = basename(this.#path);
    return (await readdir(dirname(this.#path))).filter((name) => name.startsWith(own)).sort();
  }

  #suffixOf(name: string): string {
    return name.slice(basename(this.#path).length);
  }

  #pathOf(name: string): string {
    return join(dirname(this.#path), name);
  }
}

/** Writes a compressed copy of a file beside it, which has its name only when all of it is on the disk. */
async function gzip(file: string, signal: AbortSignal): Promise<void> {
  const unfinished = file + UNFINISHED;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished, { flush: true }), { signal });
  await rename(unfinished, file + COMPRESSED);
  await syncDirectory(file);
}

/** Asks the disk to have written the names in a file's directory. */
export async function syncDirectory(file: string): Promise<void> {
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
