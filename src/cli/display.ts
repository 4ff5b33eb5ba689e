import { systemClock } from '../sdk/clock.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import { grouped, LiveBlock, ProgressTable } from './progress.ts';

const LIVE_MS = 500;
const PLAIN_MS = 10_000;
/** Lag asks the brokers; more often would cost more than it tells. */
const LAG_MS = 2_000;

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
  readonly #live: LiveBlock | undefined;
  readonly #table: ProgressTable;
  readonly #started = systemClock.monotonic();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(source: DisplaySource) {
    this.#source = source;
    this.#table = new ProgressTable(() => source.stats, this.#started);
    this.#live = process.stderr.isTTY ? new LiveBlock((text) => process.stderr.write(text), () => process.stderr.columns) : undefined;
  }

  /** Writes a log line, above the table. */
  readonly write = (line: string): void => {
    this.#live?.clear();
    process.stderr.write(line);
  };

  start(): void {
    if (this.#live !== undefined && process.stdout.isTTY) this.#shareStdout(this.#live);
    this.#running = this.#loop();
  }

  /** Stops, and prints what each component has done. */
  async finish(): Promise<void> {
    this.#stop.abort(new Error('the run has ended'));
    await this.#running;
    this.#live?.clear();
    const seconds = (systemClock.monotonic() - this.#started) / 1000;
    process.stderr.write(`${summary(this.#source.stats, seconds).join('\n')}\n`);
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
      else process.stderr.write(`${plain(this.#source.stats)}\n`);
    }
  }

  /** What a console sink prints to the same terminal goes above the table too. */
  #shareStdout(live: LiveBlock): void {
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = ((...args: Parameters<typeof write>) => {
      live.clear();
      return write(...args);
    }) as typeof process.stdout.write;
    this.#stop.signal.addEventListener('abort', () => {
      process.stdout.write = write;
    });
  }
}

function plain(stats: readonly ComponentStats[]): string {
  return stats
    .map((one) => `${one.component} ${grouped(one.recordsIn)}${one.lag > 0 ? ` (lag ${grouped(one.lag)})` : ''}${one.state === 'running' ? '' : ` ${one.state}`}`)
    .join('  ');
}

function summary(stats: readonly ComponentStats[], seconds: number): string[] {
  const lines = [`Done in ${seconds.toFixed(1)} s.`];
  for (const one of stats) {
    const parts = [`${grouped(one.recordsIn)} records in`, `${grouped(one.recordsOut)} ${one.kind === 'sink' ? 'delivered' : 'out'}`];
    if (one.dropped > 0) parts.push(`${grouped(one.dropped)} filtered out`);
    if (one.deadLetters > 0) parts.push(`${grouped(one.deadLetters)} dead letters`);
    if (one.duplicates > 0) parts.push(`${grouped(one.duplicates)} there already`);
    if (one.restarts > 0) parts.push(`${one.restarts} restarts`);
    const ending = one.state === 'failed' ? `FAILED: ${one.reason}` : '';
    lines.push(`  ${one.kind.padEnd(6)} ${one.pipeline}/${one.component}: ${parts.join(', ')}${ending === '' ? '' : `  ${ending}`}`);
  }
  return lines;
}
