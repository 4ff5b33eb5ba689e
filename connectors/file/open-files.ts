import { type FileHandle, open, realpath } from 'node:fs/promises';
import { goesOn } from './signature.ts';
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
   * next search tells which. Throws what opening throws. `beside`: a file that is being read and stays open.
   */
  async open(file: TrackedFile, beside?: TrackedFile): Promise<FileHandle | undefined> {
    const known = this.#handles.get(file);
    if (known !== undefined) {
      this.#handles.delete(file);
      this.#handles.set(file, known);
      return known;
    }
    const handle = await openAt(file.path, file);
    if (handle === undefined) return undefined;
    const target = await realpath(file.path).catch(() => file.path);
    file.target = target === file.path ? undefined : target;
    await this.#keep(file, handle, beside);
    return handle;
  }

  /**
   * Opens a file that a symbolic link led to, which leads elsewhere by now. `undefined` where it is not there any more, or does not
   * hold what was read of it: nobody named it, so what else is in it is not read.
   */
  async reopen(file: TrackedFile): Promise<FileHandle | undefined> {
    if (file.target === undefined) return undefined;
    const handle = await openAt(file.target, file).catch(() => undefined);
    if (handle === undefined) return undefined;
    if (!(await goesOn(handle, file).catch(() => false))) {
      await handle.close();
      return undefined;
    }
    await this.#keep(file, handle);
    return handle;
  }

  async #keep(file: TrackedFile, handle: FileHandle, beside?: TrackedFile): Promise<void> {
    await this.#makeRoom(beside);
    this.#handles.set(file, handle);
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
  async #makeRoom(beside: TrackedFile | undefined): Promise<void> {
    while (this.#handles.size >= this.#limit) {
      const files = [...this.#handles.keys()].filter((file) => file !== beside);
      const oldest = files.find((file) => file.present) ?? files[0];
      if (oldest === undefined) return;
      await this.close(oldest);
    }
  }
}

/** The file's handle by this path; `undefined` where another file stands there. */
async function openAt(path: string, file: TrackedFile): Promise<FileHandle | undefined> {
  const handle = await open(path, 'r');
  try {
    if (keyOf(identityOf(await handle.stat({ bigint: true }))) === file.key) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}
