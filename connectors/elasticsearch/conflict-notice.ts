import type { SinkContext } from 'millrace/sdk';

/** Conflicts are spoken of at most this often. */
const REMIND_MS = 60_000;

/**
 * Says that documents were there already under ids that the user chooses: after a crash that is the record itself, but
 * it may be another record with the same id, of which nothing is kept then.
 */
export class ConflictNotice {
  readonly #context: SinkContext;
  #since = 0;
  #next = Number.NEGATIVE_INFINITY;

  constructor(context: SinkContext) {
    this.#context = context;
  }

  count(conflicts: number): void {
    if (conflicts === 0) return;
    this.#since += conflicts;
    const { clock, log } = this.#context;
    if (clock.monotonic() < this.#next) return;
    this.#next = clock.monotonic() + REMIND_MS;
    const meaning = 'the first record of an id stays, the others count as duplicates; operation: index replaces it';
    log.warn(`documents were there already under the ids of ${this.#since} records: ${meaning}`, { records: this.#since });
    this.#since = 0;
  }
}
