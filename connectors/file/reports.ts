import { type ErrorCode, errorMessage, type Logger } from 'millrace/sdk';

/** Problems said once: again only when another one takes its place, or when it had gone in between. */
export class Reports {
  readonly #log: Logger;
  readonly #count: (bytes: number) => void;
  readonly #said = new Map<string, string>();

  /** `count` counts what is lost. */
  constructor(log: Logger, count: (bytes: number) => void) {
    this.#log = log;
    this.#count = count;
  }

  /** Says a problem of `subject`, unless it was the last thing said of it. */
  say(subject: string, code: ErrorCode, parameters: Readonly<Record<string, string | number>>): void {
    const message = errorMessage(code, parameters);
    if (this.#said.get(subject) === message) return;
    this.#said.set(subject, message);
    this.#log.warn(message, { code, ...parameters });
  }

  /** Says that data was lost, each time. */
  lost(
    subject: string,
    code: ErrorCode,
    parameters: Readonly<Record<string, string | number>> & { readonly bytes: number },
  ): void {
    this.#said.delete(subject);
    this.#count(parameters.bytes);
    this.#log.error(errorMessage(code, parameters), { code, ...parameters });
  }

  /** Notes that `subject` has no problem any more. */
  clear(subject: string): void {
    this.#said.delete(subject);
  }

  /** Forgets every subject that starts with `prefix` and is not among `current`. */
  clearOthers(prefix: string, current: ReadonlySet<string>): void {
    for (const subject of this.#said.keys()) if (subject.startsWith(prefix) && !current.has(subject)) this.#said.delete(subject);
  }
}

/** The words for what the file system says, without the path and the system call that Node puts into its messages. */
export function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return (code === undefined ? undefined : REASONS[code]) ?? (error instanceof Error ? error.message : String(error));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EMFILE: 'too many files are open (lower max_open_files, or raise the limit: ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ELOOP: 'its symbolic links run in a circle',
  EIO: 'the disk reports an error',
  Z_BUF_ERROR: 'the archive ends too early',
  Z_DATA_ERROR: 'the archive is damaged',
};

/** Whether the file system said it: errors of emitting are not of a file, and end the run. */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && ('syscall' in error || isArchiveError(error));
}

/** Whether an archive is damaged or not complete. */
export function isArchiveError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
