import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * When files were created. It tells a file from an older one whose inode number it got, even where both begin alike.
 *
 * Not every file system keeps that time: Node then says 0, or the time of the last change. So it is only believed on
 * devices where something was seen whose two times differ.
 */
export class BirthTimes {
  readonly #trusted = new Set<bigint>();
  readonly #asked = new Map<bigint, Promise<void>>();

  /** The time in ns since 1970, or `undefined` where it is not known. `path` is where `stats` was taken. */
  async of(path: string, stats: BigIntStats): Promise<string | undefined> {
    if (stats.birthtimeNs <= 0n) return undefined;
    this.#learn(stats);
    if (!this.#trusted.has(stats.dev)) {
      const asked = this.#asked.get(stats.dev) ?? this.#ask(path);
      this.#asked.set(stats.dev, asked);
      await asked;
    }
    return this.#trusted.has(stats.dev) ? String(stats.birthtimeNs) : undefined;
  }

  /** The file is as new as its last change; its directory is likely to be older. */
  async #ask(path: string): Promise<void> {
    const directory = await stat(dirname(path), { bigint: true }).catch(() => undefined);
    if (directory !== undefined) this.#learn(directory);
  }

  #learn(stats: BigIntStats): void {
    if (stats.birthtimeNs > 0n && stats.birthtimeNs !== stats.ctimeNs) this.#trusted.add(stats.dev);
  }
}
