import type { Stats } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const LINE_FEED = 0x0a;
/** How far back the beginning of an unfinished last line is looked for. */
const LAST_LINE_BYTES = 16 * 1024 * 1024;

/** A file of whole lines: what could not be written whole is taken back. */
export class LineFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Bytes of whole lines. */
  #size: number;
  #lastWrite: number;
  /** Whether it is a file that can be given another name, and no device. */
  readonly rotates: boolean;

  private constructor(path: string, handle: FileHandle, found: Stats) {
    this.#path = path;
    this.#handle = handle;
    this.#size = found.size;
    this.#lastWrite = found.mtimeMs;
    this.rotates = found.isFile();
  }

  get size(): number {
    return this.#size;
  }

  /** When something was last written, in ms since 1970, also by an earlier life. */
  get lastWrite(): number {
    return this.#lastWrite;
  }

  /** Opens the file, and makes it and its directory where missing. Throws what the file system says. */
  static async open(path: string): Promise<LineFile> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'a+');
    try {
      const file = new LineFile(path, handle, await handle.stat());
      await file.#mendEnd();
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Appends whole lines, all or none where the disk allows. Throws what the file system says; open it anew then.
   * `now`: the time in ms since 1970.
   */
  async append(lines: Buffer, sync: boolean, now: number): Promise<void> {
    try {
      await this.#handle.writeFile(lines);
      if (sync) await this.#handle.datasync();
    } catch (error) {
      // Where taking back fails too, what went wrong first is worth more to know; opening again looks at what is there.
      await this.#handle.truncate(this.#size).catch(() => undefined);
      throw error;
    }
    this.#size += lines.length;
    this.#lastWrite = now;
  }

  /** Asks the disk to have written all. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Whether the path leads to another file by now, or to none. */
  async moved(): Promise<boolean> {
    const [here, there] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => undefined)]);
    return there === undefined || there.ino !== here.ino || there.dev !== here.dev;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /**
   * Mends a last line without line break. A whole JSON value was somebody's who left the break out: it is added. Anything
   * else was half written when a process died, and its record will be delivered again: it is cut off.
   */
  async #mendEnd(): Promise<void> {
    const from = Math.max(0, this.#size - LAST_LINE_BYTES);
    const end = await this.#read(from);
    if (end.length === 0 || end[end.length - 1] === LINE_FEED) return;
    const lastLine = end.lastIndexOf(LINE_FEED) + 1;
    if (isJson(end.subarray(lastLine))) {
      await this.append(Buffer.from('\n'), false, this.#lastWrite);
    } else {
      this.#size = from + lastLine;
      await this.#handle.truncate(this.#size);
    }
  }

  async #read(from: number): Promise<Buffer> {
    // Most files end with a line break: one byte tells.
    const last = Buffer.alloc(1);
    const { bytesRead } = this.#size > 0 ? await this.#handle.read(last, 0, 1, this.#size - 1) : { bytesRead: 0 };
    if (bytesRead === 0 || last[0] === LINE_FEED) return last.subarray(0, bytesRead);
    const end = Buffer.allocUnsafe(this.#size - from);
    const read = await this.#handle.read(end, 0, end.length, from);
    return end.subarray(0, read.bytesRead);
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
