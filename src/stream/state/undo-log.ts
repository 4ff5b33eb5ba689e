/**
 * How to take back what was changed, until it is durable. Beside what a `Journal` does for micro-batches, a part of the one at work can
 * be taken back: what a failed run of a processor has changed.
 */
export class UndoLog {
  readonly #sealed: (() => void)[][] = [];
  #current: (() => void)[] = [];

  note(undo: () => void): void {
    this.#current.push(undo);
  }

  /** A place in the micro-batch at work to come back to. */
  mark(): number {
    return this.#current.length;
  }

  /** Takes back what was noted since the mark, newest first. */
  undoTo(mark: number): void {
    while (this.#current.length > mark) (this.#current.pop() as () => void)();
  }

  /** The micro-batch at work ends. */
  seal(): void {
    this.#sealed.push(this.#current);
    this.#current = [];
  }

  /** The oldest micro-batch that was sealed is durable. */
  commit(): void {
    if (this.#sealed.shift() === undefined) throw new Error('commit of a micro-batch that was never flushed');
  }

  /** Takes back all that is not committed. */
  rollback(): void {
    this.undoTo(0);
    for (let changes = this.#sealed.pop(); changes !== undefined; changes = this.#sealed.pop()) {
      this.#current = changes;
      this.undoTo(0);
    }
    this.#current = [];
  }
}
