import { type FileHandle, open } from 'node:fs/promises';
import { identityOf, keyOf, type TrackedFile } from './tracked-file.ts';

/** Open files, at most `limit`: beyond it the one used longest ago is closed. */
export class OpenFiles {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #handles = new Map<TrackedFile, FileHandle>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#handles.size;
  }

  /** The file's handle where it is open already. */
  peek(file: TrackedFile): FileHandle | undefined {
    return this.#handles.get(file);
  }

  /**
   * The file's handle, opened by its path where needed. `undefined` where another file stands at that path by now: the
   * next search tells which. Throws what opening throws.
   */
  async open(file: TrackedFile): Promise<FileHandle | undefined> {
    const known = this.#handles.get(file);
    if (known !== undefined) {
      this.#handles.delete(file);
      this.#handles.set(file, known);
      return known;
    }
    const handle = await open(file.path, 'r');
    const stats = await handle.stat({ bigint: true });
    if (keyOf(identityOf(stats)) !== file.key) {
      await handle.close();
      return undefined;
    }
    await this.#makeRoom();
    this.#handles.set(file, handle);
    return handle;
  }

  async close(file: TrackedFile): Promise<void> {
    const handle = this.#handles.get(file);
    this.#handles.delete(file);
    await handle?.close();
  }

  async closeAll(): Promise<void> {
    for (const file of [...this.#handles.keys()]) await this.close(file);
  }

  /** Files that were renamed out of sight or deleted can't be opened again, so the others are closed first. */
  async #makeRoom(): Promise<void> {
    while (this.#handles.size >= this.#limit) {
      const files = [...this.#handles.keys()];
      const oldest = files.find((file) => file.present) ?? files[0];
      if (oldest === undefined) return;
      await this.close(oldest);
    }
  }
}
