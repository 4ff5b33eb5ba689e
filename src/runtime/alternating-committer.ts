import { reasonOf } from '../errors/index.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { Committer, CommitUnit, TransactionalCommitter } from './committer.ts';

/** Commits that follow each other within this time, in ms, are made by two producers in turn: more than the default commit interval. */
const BUSY_MS = 150;
/** How long the second producer may take to open, in ms: nobody needs it, and a task that ends waits for it. */
const OPEN_WAIT_MS = 5_000;
/** How long after a failure to open it, in ms, it is tried again. */
const OPEN_AGAIN_MS = 10_000;

interface UnderWay {
  /** Kafka has all of its records. */
  readonly arrived: Promise<void>;
  /** It is durable. */
  readonly done: Promise<void>;
}

/**
 * Transactions of one task by two producers in turn. A broker refuses a producer's next transaction until the end of the one
 * before is marked in every partition of it (CONCURRENT_TRANSACTIONS), which takes as long as all else in a commit; another
 * producer need not wait. Offsets that a group gets in two transactions count by their order, whichever is marked first.
 *
 * The next transaction is written when the one before is committed. Where they may overlap, it is written as soon as Kafka has all
 * records of the one before: every partition has them in their order then, and all that is missing is a wait for the brokers. It
 * ends only after that one has, whose failure is its own. Overlapping is for units without offsets.
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
  /** The commit that was handed in last, while it is under way. */
  #underWay: UnderWay | undefined;
  #lastEnd = Number.NEGATIVE_INFINITY;
  #opening: Promise<void> | undefined;
  #openAgainAt = Number.NEGATIVE_INFINITY;
  #secondIsOpen = false;
  /** The first has committed since the second was opened. */
  #secondIsOurs = false;
  #closed = false;

  constructor(
    first: TransactionalCommitter,
    second: TransactionalCommitter,
    { clock, log, overlaps = false }: { readonly clock: Clock; readonly log: Logger; readonly overlaps?: boolean },
  ) {
    this.atOnce = overlaps ? 2 : 1;
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
    if (this.#underWay !== undefined || this.#clock.monotonic() - this.#lastEnd < BUSY_MS) this.#openSecond();
    if (this.#next() === this.#last) await this.#underWay?.done;
    const before = this.#underWay;
    const committer = this.#next();
    this.#last = committer;
    unit.assertOwned?.();
    const arrived = this.#write(committer, unit, before);
    const done = this.#end(committer, arrived, before);
    const mine: UnderWay = { arrived, done };
    this.#underWay = mine;
    try {
      await done;
    } finally {
      if (this.#underWay === mine) this.#underWay = undefined;
    }
  }

  #next(): TransactionalCommitter {
    return this.#secondIsOurs && this.#last === this.#first ? this.#second : this.#first;
  }

  async #write(committer: TransactionalCommitter, unit: CommitUnit, before: UnderWay | undefined): Promise<void> {
    await committer.begin();
    await before?.arrived;
    await committer.write(unit);
    // The end waits for it as well: only another unit has to know it before that.
    if (this.atOnce > 1) await committer.arrived();
  }

  async #end(committer: TransactionalCommitter, arrived: Promise<void>, before: UnderWay | undefined): Promise<void> {
    const secondWasOpen = this.#secondIsOpen;
    await arrived;
    await before?.done;
    await committer.end();
    if (committer === this.#first) this.#secondIsOurs = secondWasOpen;
    this.#lastEnd = this.#clock.monotonic();
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
