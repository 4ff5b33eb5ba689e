import { reasonOf } from '../errors/index.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { Committer, CommitUnit, TransactionalCommitter } from './committer.ts';
import { GrowingTransaction } from './growing-transaction.ts';

/** Commits that follow each other within this time, in ms, are made by two producers in turn: more than the default commit interval. */
const BUSY_MS = 150;
/** How long the second producer may take to open, in ms: nobody needs it, and a task that ends waits for it. */
const OPEN_WAIT_MS = 5_000;
/** How long after a failure to open it, in ms, it is tried again. */
const OPEN_AGAIN_MS = 10_000;

/**
 * Transactions of one task by two producers in turn. A broker refuses a producer's next transaction until the end of the one
 * before is marked in every partition of it (CONCURRENT_TRANSACTIONS), which takes as long as all else in a commit; another
 * producer need not wait. Offsets that a group gets in two transactions count by their order, whichever is marked first.
 *
 * The next transaction is written when the one before is committed. Where they may overlap, it is written as soon as Kafka has all
 * records of the one before: every partition has them in their order then, and all that is missing is a wait for the brokers. It
 * ends only after that one has, whose failure is its own. Units that follow each other without a pause share a transaction then.
 * Overlapping is for units without offsets.
 *
 * Two processes of one source fence each other by these ids, so whoever takes them over takes the first, then the second, and
 * only then reads positions. The process that had them may still open the second one anew; it must not use it unless a
 * commit of the first that began later has succeeded: then nobody had taken the first, and whoever does takes the second after it.
 *
 * The second producer is there only once commits have followed each other closely, so that an idle task has one.
 */
export class AlternatingCommitter implements Committer {
  readonly #first: TransactionalCommitter;
  readonly #second: TransactionalCommitter;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly atOnce: number;
  #last: TransactionalCommitter;
  /** The transaction that was begun last, while it is under way. */
  #underWay: GrowingTransaction | undefined;
  /** The one before it, by the other producer, while that is under way. */
  #before: GrowingTransaction | undefined;
  /** Units are handed in one after the other. */
  #handing: Promise<unknown> = Promise.resolve();
  #lastEnd = Number.NEGATIVE_INFINITY;
  #opening: Promise<void> | undefined;
  #openAgainAt = Number.NEGATIVE_INFINITY;
  #secondIsOpen = false;
  /** The first has committed since the second was opened. */
  #secondIsOurs = false;
  #closed = false;
  /** What follows a failed commit fails too, until the recovery: it would be durable without what came before it. */
  #failure: { readonly error: unknown } | undefined;

  constructor(
    first: TransactionalCommitter,
    second: TransactionalCommitter,
    { clock, log, overlaps = false }: { readonly clock: Clock; readonly log: Logger; readonly overlaps?: boolean },
  ) {
    this.atOnce = overlaps ? 3 : 1;
    this.#first = first;
    this.#second = second;
    this.#last = first;
    this.#clock = clock;
    this.#log = log;
  }

  /** Ends what either producer of an earlier life left open. */
  async open(): Promise<void> {
    this.#closed = false;
    this.#beginWithFirst();
    await this.#first.open();
    await this.#second.open();
    await this.#second.close();
  }

  async commit(unit: CommitUnit): Promise<void> {
    const handed = this.#handing.then(() => this.#hand(unit));
    this.#handing = handed.catch(() => undefined);
    const transaction = await handed;
    await transaction.done;
  }

  /** The transaction that the unit belongs to. */
  async #hand(unit: CommitUnit): Promise<GrowingTransaction> {
    if (this.#underWay !== undefined || this.#clock.monotonic() - this.#lastEnd < BUSY_MS) this.#openSecond();
    if (this.#underWay?.takes(unit) === true) return this.#underWay;
    for (let busy = this.#inTheWay; busy !== undefined; busy = this.#inTheWay) await busy.done;
    unit.assertOwned?.();
    return this.#begin(unit);
  }

  #begin(unit: CommitUnit): GrowingTransaction {
    if (this.#failure !== undefined) throw this.#failure.error;
    const secondWasOpen = this.#secondIsOpen;
    const committer = this.#next();
    const grows = this.atOnce > 1;
    const transaction = new GrowingTransaction(committer, unit, { clock: this.#clock, grows, before: this.#underWay });
    this.#last = committer;
    this.#before = this.#underWay;
    this.#underWay = transaction;
    const ended = (): void => {
      if (this.#underWay === transaction) this.#underWay = undefined;
      if (this.#before === transaction) this.#before = undefined;
    };
    transaction.done.then(
      () => {
        if (committer === this.#first) this.#secondIsOurs = secondWasOpen;
        this.#lastEnd = this.#clock.monotonic();
        ended();
      },
      (error: unknown) => {
        this.#failure ??= { error };
        ended();
      },
    );
    return transaction;
  }

  /** The transaction of the producer whose turn it is, while that is under way. */
  get #inTheWay(): GrowingTransaction | undefined {
    return this.#next() === this.#last ? this.#underWay : this.#before;
  }

  #next(): TransactionalCommitter {
    return this.#secondIsOurs && this.#last === this.#first ? this.#second : this.#first;
  }

  get inDoubt(): boolean {
    return this.#last.inDoubt;
  }

  /** Takes over both ids, for a commit may have failed because another process has. */
  async recover(): Promise<void> {
    await this.#opening;
    this.#beginWithFirst();
    await Promise.all([this.#first.close(), this.#second.close()]);
    if (!this.#closed) await this.open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#beginWithFirst();
    await Promise.all([this.#first.close(), this.#second.close()]);
    await this.#opening;
  }

  #beginWithFirst(): void {
    this.#failure = undefined;
    this.#secondIsOpen = false;
    this.#secondIsOurs = false;
    this.#last = this.#first;
    this.#lastEnd = Number.NEGATIVE_INFINITY;
  }

  /** Beside the commits, which the first producer goes on making. What fails is tried again at a later commit. */
  #openSecond(): void {
    if (this.#secondIsOpen || this.#opening !== undefined || this.#clock.monotonic() < this.#openAgainAt) return;
    this.#opening = this.#second
      .open(OPEN_WAIT_MS)
      .then(
        () => {
          this.#secondIsOpen = !this.#closed;
        },
        (error: unknown) => {
          this.#openAgainAt = this.#clock.monotonic() + OPEN_AGAIN_MS;
          this.#log.debug('opening the second producer of a task', { reason: reasonOf(error) });
          return this.#second.close();
        },
      )
      .catch(() => undefined)
      .finally(() => {
        this.#opening = undefined;
      });
  }
}
