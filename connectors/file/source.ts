import type { Emit, Source, SourceContext } from 'millrace/sdk';
import type { FileConfig } from './config.ts';
import { Follower } from './follower.ts';

/** A search may take at most this part of the time: with very many files they are looked for less often. */
const SEARCH_SHARE = 0.1;

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
      const now = clock.monotonic();
      if (now >= nextSearch) {
        await follower.search();
        const spent = clock.monotonic() - now;
        nextSearch = now + Math.max(this.#config.poll_interval, spent / SEARCH_SHARE);
      }
      if (await follower.readRound()) continue;
      // The signal ends the sleep by a rejection, and the loop by its condition.
      await clock.sleep(Math.max(1, nextSearch - clock.monotonic()), signal).catch(() => undefined);
    }
  }
}

async function readAll(follower: Follower, signal: AbortSignal): Promise<void> {
  await follower.search();
  while (!signal.aborted && (await follower.readRound()));
}
