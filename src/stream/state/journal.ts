import { NO_WATERMARK } from '../../sdk/operator.ts';

/** The changes of a micro-batch, and what event time had come to when it began. */
interface Segment<Change> {
  readonly changes: Change[];
  readonly watermark: number;
}

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
 *
 * How far event time has come goes with the state: it is set by whoever advances it, and taken back with the changes.
 */
export class Journal<Change> {
  readonly #sealed: Segment<Change>[] = [];
  #current: Segment<Change> = { changes: [], watermark: NO_WATERMARK };
  #epoch = 0;
  /** In ms of event time. */
  watermark: number = NO_WATERMARK;

  /** The number of the micro-batch at work: never one that was used before, also after a rollback. */
  get epoch(): number {
    return this.#epoch;
  }

  /** What was noted in the micro-batch at work, oldest first. */
  get current(): readonly Change[] {
    return this.#current.changes;
  }

  note(change: Change): void {
    this.#current.changes.push(change);
  }

  /** A place in the micro-batch at work to come back to: what was noted before it is noted again when it changes after it. */
  mark(): number {
    this.#epoch += 1;
    return this.#current.changes.length;
  }

  /** Takes back what was noted since the mark: calls `revert` for each change, newest first. */
  undoTo(mark: number, revert: (change: Change) => void): void {
    undo(this.#current.changes, mark, revert);
  }

  /** The micro-batch at work ends. */
  seal(): void {
    this.#sealed.push(this.#current);
    this.#begin();
  }

  /** The oldest micro-batch that was sealed is durable. */
  commit(): void {
    if (this.#sealed.shift() === undefined) throw new Error('commit of a micro-batch that was never flushed');
  }

  /** Takes back everything that is not committed: calls `revert` for each change, newest first. */
  rollback(revert: (change: Change) => void): void {
    const segments = [...this.#sealed, this.#current];
    for (const { changes } of segments.toReversed()) undo(changes, 0, revert);
    this.watermark = (segments[0] as Segment<Change>).watermark;
    this.#sealed.length = 0;
    this.#begin();
  }

  /** The state was read back as it was at `watermark`: nothing of it can be taken back. */
  restored(watermark: number): void {
    this.watermark = watermark;
    this.#begin();
  }

  #begin(): void {
    this.#current = { changes: [], watermark: this.watermark };
    this.#epoch += 1;
  }
}

function undo<Change>(changes: Change[], mark: number, revert: (change: Change) => void): void {
  while (changes.length > mark) revert(changes.pop() as Change);
}
