import { appendFile, copyFile, mkdir, readdir, readFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lineOf } from './numbered-lines.ts';

/** Bytes of the last line of a piece that are written apart from it, so that a look may find a line that is being written. */
const APART = 37;

/** One log of numbered lines, which is rotated as logrotate does it: `.1` is the newest rotated file, all others move on by one. */
export class RotatedLog {
  /** The log itself. */
  readonly path: string;
  readonly #directory: string;
  readonly #name: string;
  #written: number;
  #began: number;
  #targets = 0;

  /** `first`: the number of the first line. */
  constructor(directory: string, name: string, first = 0) {
    this.#directory = directory;
    this.#name = name;
    this.#written = first;
    this.#began = first;
    this.path = join(directory, name);
  }

  /** The number of the first line that is in the log itself. */
  get began(): number {
    return this.#began;
  }

  /** Lines written so far: they have the numbers below this one. */
  get written(): number {
    return this.#written;
  }

  /** Appends the next `count` lines. */
  async write(count: number): Promise<void> {
    const lines = Array.from({ length: count }, (_, i) => `${lineOf(this.#written + i)}\n`);
    this.#written += count;
    const bytes = Buffer.from(lines.join(''));
    const cut = Math.max(0, bytes.length - APART);
    await mkdir(this.#directory, { recursive: true });
    await appendFile(this.path, bytes.subarray(0, cut));
    await appendFile(this.path, bytes.subarray(cut));
  }

  /** Renames the log away: what is written next goes to a new file. */
  async rename(): Promise<void> {
    await this.#moveOn();
    await rename(this.path, `${this.path}.1`);
  }

  /** Copies the log, and empties it once `before` has settled. */
  async copyTruncate(before: () => Promise<void> = async () => undefined): Promise<void> {
    await this.#moveOn();
    await copyFile(this.path, `${this.path}.1`);
    await before();
    await this.truncate();
  }

  async truncate(): Promise<void> {
    await truncate(this.path, 0);
    this.#began = this.#written;
  }

  /** Compresses the newest rotated file as gzip does: the archive first, then the original goes. */
  async compress(): Promise<void> {
    await writeFile(`${this.path}.1.gz`, gzipSync(await readFile(`${this.path}.1`)));
    await unlink(`${this.path}.1`);
  }

  /** Makes the log's path a symbolic link to a new file in `targets`, at once. */
  async switch(targets: string): Promise<void> {
    await mkdir(targets, { recursive: true });
    this.#targets += 1;
    const target = join(targets, String(this.#targets));
    await writeFile(target, '');
    const next = join(this.#directory, '.next');
    await symlink(target, next);
    await rename(next, this.path);
  }

  async #moveOn(): Promise<void> {
    const rotated = (await readdir(this.#directory)).flatMap((name) => {
      const [, number, suffix = ''] = new RegExp(`^${this.#name}\\.(\\d+)(\\.gz)?$`).exec(name) ?? [];
      return number === undefined ? [] : [{ number: Number(number), suffix }];
    });
    for (const { number, suffix } of rotated.toSorted((a, b) => b.number - a.number)) {
      await rename(`${this.path}.${number}${suffix}`, `${this.path}.${number + 1}${suffix}`);
    }
  }
}
