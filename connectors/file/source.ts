import type { Emit, Source, SourceContext } from 'millrace/sdk';
import { ChangeHints } from './change-hints.ts';
import type { FileConfig } from './config.ts';
import { Follower } from './follower.ts';

/** A search is to take no more than this part of the time: with very many files they are looked for less often, */
const SEARCH_SHARE = 0.02;
/** but at least this often, in ms, as long as a search takes less than that itself. */
const SEARCH_AT_LEAST_EVERY = 5000;
/** A file that is not known is looked for so soon after a search, in ms, and after so many times what that took. */
const SEARCH_FOR_NEW_AFTER = 500;
const SEARCH_PAUSE = 5;

/** Reads lines from files, each once, across rotation, truncation and restarts. */
export class FileSource implements Source {
  readonly #config: FileConfig;

  constructor(config: FileConfig) {
    this.#config = config;
  }

  async run(emit: Emit, context: SourceContext): Promise<void> {
    const follower = new Follower(this.#config, context, emit);
    try {
      if (context.once || !this.#config.follow) await readAll(follower, context.signal);
      else await this.#follow(follower, context);
      await follower.drained();
      follower.handOver();
    } finally {
      await follower.close();
    }
  }

  /** Holds nothing between runs. */
  async close(): Promise<void> {}

  async #follow(follower: Follower, { clock, signal }: SourceContext): Promise<void> {
    const hints = new ChangeHints();
    try {
      await this.#followBy(hints, follower, { clock, signal });
    } finally {
      hints.close();
    }
  }

  async #followBy(
    hints: ChangeHints,
    follower: Follower,
    { clock, signal }: Pick<SourceContext, 'clock' | 'signal'>,
  ): Promise<void> {
    let nextSearch = clock.monotonic();
    let soonest = nextSearch;
    while (!signal.aborted) {
      const begin = clock.monotonic();
      if (begin >= nextSearch) {
        await follower.search();
        const spent = clock.monotonic() - begin;
        nextSearch = begin + this.#searchInterval(spent);
        soonest = begin + Math.max(SEARCH_FOR_NEW_AFTER, SEARCH_PAUSE * spent);
        if (nextSearch > begin + this.#config.poll_interval + spent) hints.watch(follower.directories());
      } else if (await follower.glance(hints.take())) {
        nextSearch = Math.min(nextSearch, Math.max(soonest, begin));
      }
      // A search waits for no more than a poll interval's worth of reading.
      while ((await follower.readRound()) && clock.monotonic() < begin + this.#config.poll_interval);
      const wait = begin + this.#config.poll_interval - clock.monotonic();
      // The signal ends the sleep by a rejection, and the loop by its condition.
      if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  #searchInterval(spent: number): number {
    return Math.max(this.#config.poll_interval, spent, Math.min(spent / SEARCH_SHARE, SEARCH_AT_LEAST_EVERY));
  }
}

async function readAll(follower: Follower, signal: AbortSignal): Promise<void> {
  await follower.search();
  while (!signal.aborted && (await follower.readRound()));
}
