import type { Emit, Source, SourceContext } from 'millrace/sdk';
import type { FileConfig } from './config.ts';
import { Follower } from './follower.ts';

/** A search is to take no more than this part of the time: with very many files they are looked for less often, */
const SEARCH_SHARE = 0.02;
/** but at least this often, in ms, as long as a search takes less than that itself. */
const SEARCH_AT_LEAST_EVERY = 5000;

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
    } finally {
      await follower.close();
    }
  }

  /** Holds nothing between runs. */
  async close(): Promise<void> {}

  async #follow(follower: Follower, { clock, signal }: SourceContext): Promise<void> {
    let nextSearch = clock.monotonic();
    while (!signal.aborted) {
      const begin = clock.monotonic();
      if (begin >= nextSearch) {
        await follower.search();
        nextSearch = begin + this.#searchInterval(clock.monotonic() - begin);
      } else {
        await follower.glance();
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
