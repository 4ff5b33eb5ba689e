import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type ErrorCode, MillraceError, reasonOf } from '../../errors/index.ts';
import type { StepContext } from '../../sdk/step.ts';

/** How often the file is looked at, while it is used: a person who changes it waits this long, or twice. */
const LOOK_MS = 5_000;

export interface WatchedFileOptions<Content> {
  readonly path: string;
  /** What it is, for messages: `GeoIP database`. */
  readonly what: string;
  /** The most bytes that are read. */
  readonly maxBytes: number;
  /** Makes the content of the bytes, or throws an error whose message says what is wrong with them. */
  readonly read: (bytes: Buffer) => Content;
  readonly context: StepContext;
}

/** What of a file's state tells that it was changed or replaced. */
type Version = string;

/**
 * The content of a file that a step works with, read anew when the file changes. It is looked at when it is used, so
 * that nothing runs beside the records and nothing holds the process open. A changed file is read only when it was the
 * same at two looks: one that is still being written would be read in half.
 */
export class WatchedFile<Content> {
  readonly #options: WatchedFileOptions<Content>;
  #content: Content;
  #loaded: Version;
  /** What was there at the last look, where it is not what is loaded. */
  #seen: Version | undefined;
  /** What could not be read, so that it is said once. */
  #broken: Version | undefined;
  #nextLook: number;

  /** Reads the file. Throws STEP_FILE_UNREADABLE or STEP_FILE_INVALID. */
  constructor(options: WatchedFileOptions<Content>) {
    this.#options = options;
    const { content, version } = this.#read();
    this.#content = content;
    this.#loaded = version;
    this.#nextLook = options.context.clock.monotonic() + LOOK_MS;
  }

  /** The content; the same object until the file has changed. */
  get content(): Content {
    const now = this.#options.context.clock.monotonic();
    if (now >= this.#nextLook) {
      this.#nextLook = now + LOOK_MS;
      this.#look();
    }
    return this.#content;
  }

  #look(): void {
    let version: Version;
    try {
      version = versionOf(statSync(this.#options.path));
    } catch (error) {
      this.#keep(`unreadable: ${reasonOf(error)}`, this.#error('STEP_FILE_UNREADABLE', error));
      return;
    }
    if (version === this.#loaded || version === this.#broken) {
      this.#seen = undefined;
      if (version === this.#loaded) this.#broken = undefined;
    } else if (version === this.#seen) {
      this.#reload(version);
    } else {
      this.#seen = version;
    }
  }

  #reload(seen: Version): void {
    this.#seen = undefined;
    const { path, what, context } = this.#options;
    try {
      const { content, version } = this.#read();
      this.#content = content;
      this.#loaded = version;
      this.#broken = undefined;
      context.log.info(`the ${what} ${path} has changed and is read anew`, { component: context.component, step: context.id });
    } catch (error) {
      this.#keep(seen, error);
    }
  }

  /** Goes on with what was read before, and says so once for each state of the file. */
  #keep(version: Version, error: unknown): void {
    if (version === this.#broken) return;
    this.#broken = version;
    const { component, id, log } = this.#options.context;
    log.warn(`${reasonOf(error)}; what was read before stays in use`, { component, step: id });
  }

  #read(): { content: Content; version: Version } {
    const { bytes, version } = this.#bytes();
    try {
      return { content: this.#options.read(bytes), version };
    } catch (error) {
      throw this.#error('STEP_FILE_INVALID', error);
    }
  }

  /** The bytes, and the version of the very file that they were read from. */
  #bytes(): { bytes: Buffer; version: Version } {
    const { path, maxBytes } = this.#options;
    try {
      const file = openSync(path, 'r');
      try {
        const stats = fstatSync(file);
        if (!stats.isFile()) throw new Error('it is no file');
        if (stats.size > maxBytes) throw new Error(`it has ${stats.size} bytes; at most ${maxBytes} are read`);
        return { bytes: readAll(file, stats.size), version: versionOf(stats) };
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw this.#error('STEP_FILE_UNREADABLE', error);
    }
  }

  #error(code: ErrorCode, error: unknown): MillraceError {
    const { path, what, context } = this.#options;
    const parameters = { path, what, step: context.id, component: context.component, reason: reasonFor(error) };
    return new MillraceError(code, parameters, { cause: error });
  }
}

/** So many bytes from the beginning: a file that grows meanwhile is read no further, and noticed at the next look. */
function readAll(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const read = readSync(file, bytes, filled, size - filled, filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function versionOf({ dev, ino, size, mtimeMs }: Stats): Version {
  return `${dev}/${ino}/${size}/${mtimeMs}`;
}

function reasonFor(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'reading it is not allowed';
  return reasonOf(error);
}
