import type { Stop } from './newcomers.ts';
import type { Reports } from './reports.ts';
import type { TrackedFile } from './tracked-file.ts';

interface Loss {
  readonly reason: string;
  bytes: number;
}

/**
 * Bytes that went before they were read. They are reported only when no copy was found that has them; until then the position of
 * their file keeps their number, so that a kill does not make them uncounted.
 */
export class Losses {
  readonly #reports: Reports;
  readonly #losses = new Map<TrackedFile, Loss>();

  /** Goes on with those of `files` that an earlier run has not reported. */
  constructor(reports: Reports, files: Iterable<TrackedFile>) {
    this.#reports = reports;
    for (const file of files) {
      for (const { unread, deleted } of file.former) {
        if (unread > 0) this.add(file, deleted ? 'another file was created in its place' : 'it was truncated', unread);
      }
    }
  }

  add(file: TrackedFile, reason: string, bytes: number): void {
    const known = this.#losses.get(file);
    this.#losses.set(file, { reason, bytes: bytes + (known?.bytes ?? 0) });
  }

  /** Notes that a copy of the file's content has `length` bytes, of which those behind `at` are read now. */
  recovered(original: TrackedFile, at: Stop, length: number): void {
    const loss = this.#losses.get(original);
    if (loss !== undefined) loss.bytes = Math.max(0, loss.bytes - (length - at.offset));
  }

  /** Returns the files whose positions are to be stored, since they need not keep the numbers any more. */
  report(): TrackedFile[] {
    const kept = [...this.#losses.keys()].filter(isKept);
    for (const [file, { reason, bytes }] of this.#losses) {
      const subject = `replaced ${file.id}`;
      if (bytes > 0) this.#reports.lost(subject, 'FILE_BYTES_LOST', { path: file.path, reason, bytes });
    }
    for (const file of kept) file.former = file.former.map((each) => (each.unread > 0 ? { ...each, unread: 0 } : each));
    this.#losses.clear();
    return kept;
  }

  /** Leaves what stored positions keep to the next run, which may find copies. */
  handOver(): void {
    for (const file of this.#losses.keys()) if (isKept(file)) this.#losses.delete(file);
  }
}

function isKept(file: TrackedFile): boolean {
  return file.former.some(({ unread }) => unread > 0);
}
