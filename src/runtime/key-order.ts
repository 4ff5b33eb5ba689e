/** A record that waits for its turn, or is under way. */
interface Ticket {
  readonly row: number;
  readonly turns: Turns;
  /** The records with the same key that come before and after it. */
  before: Ticket | undefined;
  next: Ticket | undefined;
}

/**
 * Keeps the records of each key in the order in which they were taken: one at a time is under way, and the next only
 * once that one is settled, in whichever batch it is. Its memory is that of the records in flight.
 */
export class KeyOrder {
  readonly #last = new Map<string, Ticket>();

  /** Queues up the records of a batch by their keys (by row; without a key a record waits for nobody). Batches in their order. */
  join(keys: readonly (string | undefined)[]): Turns {
    return new Turns(this.#last, keys);
  }
}

/** The records of one batch, as their turns come. */
export class Turns {
  readonly #last: Map<string, Ticket>;
  readonly #keys: readonly (string | undefined)[];
  readonly #tickets: (Ticket | undefined)[] = [];
  #ready: number[] = [];
  #left: number;
  #wake: (() => void) | undefined;

  constructor(last: Map<string, Ticket>, keys: readonly (string | undefined)[]) {
    this.#last = last;
    this.#keys = keys;
    this.#left = keys.length;
    for (let row = 0; row < keys.length; row += 1) this.#queueUp(row, keys[row]);
  }

  /** The rows whose turn has come, in ascending order, waiting for the first; none when all have had theirs. */
  async next(signal: AbortSignal): Promise<readonly number[]> {
    if (this.#left === 0) return [];
    if (this.#ready.length === 0) await this.#until(signal);
    const rows = this.#ready.sort((a, b) => a - b);
    this.#ready = [];
    this.#left -= rows.length;
    return rows;
  }

  /** These rows are settled: the next of their keys may go. */
  settled(rows: readonly number[]): void {
    for (const row of rows) this.#leave(row);
  }

  /** Nothing more of this batch will come: gives way to those behind it. */
  leave(): void {
    for (let row = 0; row < this.#tickets.length; row += 1) this.#leave(row);
  }

  #queueUp(row: number, key: string | undefined): void {
    if (key === undefined) {
      this.#ready.push(row);
      return;
    }
    const before = this.#last.get(key);
    const ticket: Ticket = { row, turns: this, before, next: undefined };
    this.#last.set(key, ticket);
    this.#tickets[row] = ticket;
    if (before === undefined) this.#ready.push(row);
    else before.next = ticket;
  }

  #leave(row: number): void {
    const ticket = this.#tickets[row];
    if (ticket === undefined) return;
    this.#tickets[row] = undefined;
    const { before, next } = ticket;
    if (before !== undefined) before.next = next;
    if (next !== undefined) next.before = before;
    else if (before === undefined) this.#last.delete(this.#keys[row] as string);
    else this.#last.set(this.#keys[row] as string, before);
    if (before === undefined && next !== undefined) next.turns.#come(next.row);
  }

  #come(row: number): void {
    this.#ready.push(row);
    this.#wake?.();
  }

  #until(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const stop = (): void => {
        this.#wake = undefined;
        reject(signal.reason as Error);
      };
      this.#wake = () => {
        this.#wake = undefined;
        signal.removeEventListener('abort', stop);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
