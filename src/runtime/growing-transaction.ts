import type { Clock } from '../sdk/clock.ts';
import type { CommitUnit, TransactionalCommitter } from './committer.ts';

/** A transaction takes no further unit once it has been open for so long, in ms: whoever reads its records waits for its end. */
const LONGEST_MS = 500;

interface TransactionOptions {
  readonly clock: Clock;
  /** Whether it may take more than its first unit. */
  readonly grows: boolean;
  /** The transaction before it, where that is not durable yet. */
  readonly before: GrowingTransaction | undefined;
}

/**
 * One transaction of one producer. Where it may grow, it takes units for as long as the next is there when Kafka has the one before:
 * the brokers do about 20 ms of work to begin and end a transaction, whatever is in it.
 */
export class GrowingTransaction {
  /** Kafka has all of its records, and it takes no more. */
  readonly arrived: Promise<void>;
  /** It is durable. */
  readonly done: Promise<void>;
  readonly #committer: TransactionalCommitter;
  readonly #grows: boolean;
  readonly #clock: Clock;
  readonly #began: number;
  /** Those that are not written yet. */
  readonly #units: CommitUnit[];
  #over = false;

  constructor(committer: TransactionalCommitter, first: CommitUnit, { clock, grows, before }: TransactionOptions) {
    this.#committer = committer;
    this.#grows = grows;
    this.#clock = clock;
    this.#began = clock.monotonic();
    this.#units = [first];
    this.arrived = this.#write(before);
    this.done = this.#end(before);
    // Whoever follows looks at it only while it is under way.
    this.arrived.catch(() => undefined);
  }

  /** Takes the unit, which then becomes durable with the others; false where it needs a transaction of its own. */
  takes(unit: CommitUnit): boolean {
    if (!this.#grows || this.#over || this.#clock.monotonic() - this.#began >= LONGEST_MS) return false;
    this.#units.push(unit);
    return true;
  }

  async #write(before: GrowingTransaction | undefined): Promise<void> {
    try {
      await this.#committer.begin();
      await before?.arrived;
      while (this.#units.length > 0) {
        const units = this.#units.splice(0);
        for (const unit of units) await this.#committer.write(unit);
        // The end waits for it as well: only another unit has to know it before that.
        if (this.#grows) await this.#committer.arrived();
        for (const unit of units) unit.arrived?.();
      }
    } finally {
      this.#over = true;
    }
  }

  /** It ends only after the one before has, whose failure is its own. */
  async #end(before: GrowingTransaction | undefined): Promise<void> {
    await this.arrived;
    await before?.done;
    await this.#committer.end();
  }
}
