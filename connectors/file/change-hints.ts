import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Directories that are watched: each takes one of the system's watches, of which others want some too. */
const MOST_DIRECTORIES = 1000;
/** Paths that are kept; when there are more, the next search finds them. */
const MOST_PATHS = 10_000;

/**
 * Names files that changed, as far as the system tells. They are hints only, for sources with so many files that looking
 * at all of them takes long: whatever is missed here is found by the next search.
 */
export class ChangeHints {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();

  /** Watches these directories and no others. */
  watch(directories: ReadonlySet<string>): void {
    for (const directory of this.#watchers.keys()) if (!directories.has(directory)) this.#unwatch(directory);
    for (const directory of directories) {
      if (this.#watchers.size >= MOST_DIRECTORIES) return;
      if (!this.#watchers.has(directory)) this.#watch(directory);
    }
  }

  /** The paths that changed since the last call. */
  take(): Set<string> {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    return changed;
  }

  close(): void {
    for (const directory of [...this.#watchers.keys()]) this.#unwatch(directory);
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        if (name !== null && this.#changed.size < MOST_PATHS) this.#changed.add(join(directory, name));
      });
      watcher.on('error', () => this.#unwatch(directory));
      this.#watchers.set(directory, watcher);
    } catch {
      // No watch to be had, or the directory is gone: then searches have to do.
    }
  }

  #unwatch(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}
