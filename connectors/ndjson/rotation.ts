import { rename } from 'node:fs/promises';
import { type Clock, type Logger, reasonOf } from 'millrace/sdk';
import type { NdjsonConfig } from './config.ts';
import type { LineFile } from './line-file.ts';
import { RotatedFiles, syncDirectory } from './rotated-files.ts';

type Options = NonNullable<NdjsonConfig['rotate']>;

/** Gives a file that is large or old another name, and keeps the files of such names in order. */
export class Rotation {
  readonly #path: string;
  readonly #options: Options;
  readonly #files: RotatedFiles;
  readonly #by: { readonly clock: Clock; readonly log: Logger };
  #closing = new AbortController();
  /** Compressing and removing goes on beside the writing, one at a time. */
  #tidying: Promise<void> = Promise.resolve();

  constructor(path: string, options: Options, by: { readonly clock: Clock; readonly log: Logger }) {
    this.#path = path;
    this.#options = options;
    this.#files = new RotatedFiles(path);
    this.#by = by;
  }

  /** Ends what an earlier life left half done. */
  begin(): void {
    this.#closing = new AbortController();
    this.#tidy();
  }

  /** Whether `bytes` more belong into a new file. An empty file is never rotated, so a batch may be larger than a file. */
  isDue(file: LineFile, bytes: number): boolean {
    if (!file.rotates || file.size === 0) return false;
    const { size, interval } = this.#options;
    if (size !== undefined && file.size + bytes > size) return true;
    return interval !== undefined && Math.floor(file.lastWrite / interval) !== Math.floor(this.#by.clock.now() / interval);
  }

  /**
   * Gives the file its new name, in one step: a crash leaves it under the one name or the other. All of it is on the
   * disk before. Throws what the file system says.
   */
  async rotate(file: LineFile): Promise<void> {
    // No more than one rotation ahead of what tidying up can do.
    await this.#tidying;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#path, await this.#files.freeName(this.#by.clock.now()));
    await syncDirectory(this.#path);
    this.#tidy();
  }

  /** Ends the tidying up: what it leaves undone is done at the next beginning. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the sink closes'));
    await this.#tidying;
  }

  #tidy(): void {
    const { signal } = this.#closing;
    this.#tidying = this.#tidyUp(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#by.log.warn(`tidying up the files that ${this.#path} was rotated to: ${reasonOf(error)}`);
    });
  }

  async #tidyUp(signal: AbortSignal): Promise<void> {
    const { keep, compress } = this.#options;
    // First what makes room.
    if (keep !== undefined) await this.#files.prune(keep);
    if (compress) await this.#files.compress(signal);
  }
}
