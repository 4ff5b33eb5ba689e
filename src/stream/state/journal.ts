/**
 * What a state's changes replaced, kept until they are durable. State is changed in place; before its first change in a
 * micro-batch, whoever owns a part of it notes what was there. A part knows by the {@link Journal.epoch} that it was noted in
 * whether this has been done already, so that a record costs a comparison:
 *
 *     if (entry.epoch !== journal.epoch) {
 *       journal.note({ entry, before: copyOf(entry) });
 *       entry.epoch = journal.epoch;
 *     }
 *
 * Two micro-batches may be on their way at once: `seal` ends the one at work, `commit` forgets the oldest that was sealed, and
 * `rollback` takes back everything that is not committed, newest first. What is at work is also the list of what has changed:
 * the changes that a flush writes.
 */
export class Journal<Change> {
  readonly #sealed: Change[][] = [];
  #current: Change[] = [];
  #epoch = 0;

  /** The number of the micro-batch at work: never one that was used before, also after a rollback. */
  get epoch(): number {
    return this.#epoch;
  }

  /** What was noted in the micro-batch at work, oldest first. */
  get current(): readonly Change[] {
    return this.#current;
  }

  note(change: Change): void {
    this.#current.push(change);
  }

  /** The micro-batch at work ends. */
  seal(): void {
    this.#sealed.push(this.#current);
    this.#current = [];
    this.#epoch += 1;
  }

  /** The oldest micro-batch that was sealed is durable. */
  commit(): void {
    if (this.#sealed.shift() === undefined) throw new Error('commit of a micro-batch that was never flushed');
  }

  /** Takes back everything that is not committed: calls `revert` for each change, newest first. */
  rollback(revert: (change: Change) => void): void {
    for (const changes of [...this.#sealed, this.#current].toReversed()) {
      for (let i = changes.length - 1; i >= 0; i -= 1) revert(changes[i] as Change);
    }
    this.#sealed.length = 0;
    this.#current = [];
    this.#epoch += 1;
  }
}
