import type { Reports } from './reports.ts';
import type { Signature } from './signature.ts';
import type { TrackedFile } from './tracked-file.ts';

interface Loss {
  readonly reason: string;
  bytes: number;
}

/** Bytes that went before they were read. They are reported only when no copy was found that has them. */
export class Losses {
  readonly #reports: Reports;
  readonly #losses = new Map<TrackedFile, Loss>();

  constructor(reports: Reports) {
    this.#reports = reports;
  }

  add(file: TrackedFile, reason: string, bytes: number): void {
    const known = this.#losses.get(file);
    this.#losses.set(file, { reason, bytes: bytes + (known?.bytes ?? 0) });
  }

  /** Notes that a copy of the file's content has `length` bytes, of which those behind `at` are read now. */
  recovered(original: TrackedFile, at: Signature, length: number): void {
    const loss = this.#losses.get(original);
    if (loss !== undefined) loss.bytes = Math.max(0, loss.bytes - (length - at.offset));
  }

  report(): void {
    for (const [file, { reason, bytes }] of this.#losses) {
      const subject = `replaced ${file.id}`;
      if (bytes > 0) this.#reports.lost(subject, 'FILE_BYTES_LOST', { path: file.path, reason, bytes });
    }
    this.#losses.clear();
  }
}
