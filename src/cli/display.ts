import { systemClock } from '../sdk/clock.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import { counted, grouped, LiveBlock, ProgressTable } from './progress.ts';

const LIVE_MS = 500;
const PLAIN_MS = 10_000;
/** Lag asks the brokers; more often would cost more than it tells. */
const LAG_MS = 2_000;

/** How to show a run. */
export interface DisplayOptions {
  /** Whether there may be a live table: several processes cannot share a terminal that way. */
  readonly live: boolean;
  /** What each plain line begins with, such as "instance 2: ". */
  readonly label: string;
  /** Where plain lines go in place of standard error: a log in JSON must hold nothing else. */
  readonly log: ((line: string) => void) | undefined;
}

export interface DisplaySource {
  readonly stats: readonly ComponentStats[];
  refreshLag(): Promise<void>;
}

/**
 * Shows a run while it runs: a live table on a terminal, a plain line now and then elsewhere. On a terminal everything
 * that others write to it goes above the table.
 */
export class Display {
  readonly #source: DisplaySource;
  readonly #options: DisplayOptions;
  readonly #live: LiveBlock | undefined;
  readonly #table: ProgressTable;
  readonly #started = systemClock.monotonic();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(source: DisplaySource, options: DisplayOptions) {
    this.#source = source;
    this.#options = options;
    this.#table = new ProgressTable(() => source.stats, this.#started);
    this.#live =
      options.live && process.stderr.isTTY
        ? new LiveBlock(
            (text) => process.stderr.write(text),
            () => process.stderr.columns,
          )
        : undefined;
  }

  /** Writes a log line, above the table. */
  readonly write = (line: string): void => {
    if (this.#live === undefined) process.stderr.write(line);
    else this.#live.above(line, () => process.stderr.write(line));
  };

  start(): void {
    if (this.#live !== undefined && process.stdout.isTTY) this.#shareStdout(this.#live);
    this.#running = this.#loop();
  }

  /** Stops, and prints what each component has done; `how` the run came to its end, such as "Done". */
  async finish(how: string): Promise<void> {
    this.#stop.abort(new Error('the run has ended'));
    await this.#running;
    this.#live?.end();
    const seconds = (systemClock.monotonic() - this.#started) / 1000;
    for (const line of [`${how} after ${seconds.toFixed(1)} s.`, ...summary(this.#source.stats)]) this.#say(line);
  }

  async #loop(): Promise<void> {
    let lagAt = Number.NEGATIVE_INFINITY;
    while (!this.#stop.signal.aborted) {
      await systemClock.sleep(this.#live === undefined ? PLAIN_MS : LIVE_MS, this.#stop.signal).catch(() => {});
      if (this.#stop.signal.aborted) return;
      const now = systemClock.monotonic();
      if (now - lagAt >= LAG_MS) {
        lagAt = now;
        await this.#source.refreshLag();
      }
      const lines = this.#table.lines(systemClock.monotonic());
      if (this.#live !== undefined) this.#live.draw(lines);
      else this.#say(plain(this.#source.stats));
    }
  }

  #say(line: string): void {
    const { label, log } = this.#options;
    if (log === undefined) process.stderr.write(`${label}${line}\n`);
    else log(`${label}${line}`);
  }

  /** What a console sink prints to the same terminal goes above the table too. */
  #shareStdout(live: LiveBlock): void {
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = ((...args: Parameters<typeof write>) => {
      let taken = true;
      live.above(String(args[0]), () => {
        taken = write(...args);
      });
      return taken;
    }) as typeof process.stdout.write;
    this.#stop.signal.addEventListener('abort', () => {
      process.stdout.write = write;
    });
  }
}

function plain(stats: readonly ComponentStats[]): string {
  return stats
    .map(
      (one) =>
        `${one.component} ${grouped(one.recordsIn)}${one.lag > 0 ? ` (lag ${grouped(one.lag)})` : ''}${one.state === 'running' ? '' : ` ${one.state}`}`,
    )
    .join('  ');
}

function summary(stats: readonly ComponentStats[]): string[] {
  const lines: string[] = [];
  for (const one of stats) {
    const parts = [
      `${counted(one.recordsIn, 'record')} in`,
      `${grouped(one.recordsOut)} ${one.kind === 'sink' ? 'delivered' : 'out'}`,
    ];
    if (one.dropped > 0) parts.push(`${grouped(one.dropped)} filtered out`);
    if (one.deadLetters > 0) parts.push(counted(one.deadLetters, 'dead letter'));
    if (one.duplicates > 0) parts.push(`${grouped(one.duplicates)} there already`);
    if (one.restarts > 0) parts.push(counted(one.restarts, 'restart'));
    const ending = one.state === 'failed' ? `FAILED: ${one.reason}` : '';
    lines.push(
      `  ${one.kind.padEnd(6)} ${one.pipeline}/${one.component}: ${parts.join(', ')}${ending === '' ? '' : `  ${ending}`}`,
    );
  }
  return lines;
}
