import type { Clock } from '../sdk/clock.ts';
import type { Committer, CommitUnit, TransactionalCommitter } from './committer.ts';

/** Commits that follow each other within this time, in ms, are made by two producers in turn: more than the default commit interval. */
const BUSY_MS = 150;

/**
 * Transactions of one task by two producers in turn. A broker refuses a producer's next transaction until the end of the one
 * before is marked in every partition of it (CONCURRENT_TRANSACTIONS), which takes as long as all else in a commit; another
 * producer need not wait. There is never more than one transaction at work: the next begins when the one before is
 * committed, and offsets that a group gets in two transactions count by their order, whichever is marked first.
 *
 * The second producer is there only once commits have followed each other closely, so that an idle task has one.
 */
export class AlternatingCommitter implements Committer {
  readonly #first: TransactionalCommitter;
  readonly #second: TransactionalCommitter;
  readonly #clock: Clock;
  #last: TransactionalCommitter;
  #lastEnd = Number.NEGATIVE_INFINITY;
  #opening: Promise<void> | undefined;
  #secondIsOpen = false;
  #closed = false;

  constructor(first: TransactionalCommitter, second: TransactionalCommitter, clock: Clock) {
    this.#first = first;
    this.#second = second;
    this.#last = first;
    this.#clock = clock;
  }

  /** Ends what either producer of an earlier life left open. */
  async open(): Promise<void> {
    this.#closed = false;
    await Promise.all([this.#first.open(), this.#second.open()]);
    await this.#second.close();
  }

  async commit(unit: CommitUnit): Promise<void> {
    if (this.#clock.monotonic() - this.#lastEnd < BUSY_MS) this.#openSecond();
    this.#last = this.#secondIsOpen && this.#last === this.#first ? this.#second : this.#first;
    await this.#last.commit(unit);
    this.#lastEnd = this.#clock.monotonic();
  }

  /** The other producer has no transaction: there is one at a time. */
  recover(): Promise<void> {
    return this.#last.recover();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#secondIsOpen = false;
    await Promise.all([this.#first.close(), this.#second.close()]);
    await this.#opening;
  }

  /** Beside the commits, which the first producer goes on making. What fails is tried again at a later commit. */
  #openSecond(): void {
    if (this.#secondIsOpen || this.#opening !== undefined) return;
    this.#opening = this.#second
      .open()
      .then(
        () => {
          this.#secondIsOpen = !this.#closed;
        },
        () => this.#second.close(),
      )
      .catch(() => undefined)
      .finally(() => {
        this.#opening = undefined;
      });
  }
}
