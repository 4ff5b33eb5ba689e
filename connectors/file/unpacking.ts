import type { FileHandle } from 'node:fs/promises';
import { Archive } from './archive.ts';
import type { TrackedFile } from './tracked-file.ts';

/** The one archive that is being unpacked: one at a time, so that many of them take no more memory than one. */
export class Unpacking {
  #file: TrackedFile | undefined;
  #handle: FileHandle | undefined;
  #archive: Archive | undefined;

  /** Whether another archive than `file` is being unpacked. */
  isBusy(file: TrackedFile): boolean {
    return this.#file !== undefined && this.#file !== file;
  }

  of(file: TrackedFile, handle: FileHandle): Archive {
    if (this.#archive === undefined || this.#file !== file || this.#handle !== handle) {
      this.#archive?.close();
      this.#archive = new Archive(handle);
      this.#file = file;
      this.#handle = handle;
    }
    return this.#archive;
  }

  /** Lets go of `file`, if it is the one. */
  release(file: TrackedFile): void {
    if (this.#file === file) this.close();
  }

  close(): void {
    this.#archive?.close();
    this.#archive = undefined;
    this.#file = undefined;
    this.#handle = undefined;
  }
}
