import { statSync } from 'node:fs';
import type { Clock } from '../sdk/clock.ts';

/** How often files are looked at: what is edited is seen within twice this. */
const LOOK_MS = 300;

/**
 * Tells when any of some files has changed, and has come to rest. It looks at their times and sizes, and so sees what editors rename
 * into place, what a container mounts and what a network brings, which events of the file system do not.
 */
export class FileWatch {
  readonly #clock: Clock;
  #files: readonly string[] = [];
  #known = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** These files are looked at from now on; what they are now is no change. Call it before they are read. */
  watch(files: readonly string[]): void {
    this.#files = [...new Set(files)];
    this.#known = this.#look();
  }

  /** Also these, which turned out to belong to them, such as the files of a plugin that could not be loaded. */
  add(files: readonly string[]): void {
    const added = files.filter((file) => !this.#files.includes(file));
    this.#files = [...this.#files, ...added];
    this.#known += lookAt(added);
  }

  /** Settles when something has changed. Rejects with the signal's reason. */
  async changed(signal: AbortSignal): Promise<void> {
    for (let before = this.#known; ; ) {
      await this.#clock.sleep(LOOK_MS, signal);
      const now = this.#look();
      const isAtRest = now === before;
      before = now;
      if (!isAtRest || now === this.#known) continue;
      this.#known = now;
      return;
    }
  }

  #look(): string {
    return lookAt(this.#files);
  }
}

function lookAt(files: readonly string[]): string {
  return files.map((file) => `${file} ${stateOf(file)}\n`).join('');
}

function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 'not there' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}
