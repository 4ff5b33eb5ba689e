import type { ComponentStats } from '../telemetry/stats.ts';

const CLEAR_LINE = '\u001b[2K';
const UP = '\u001b[1A';

/** Numbers as people read them: 1,234,567. */
export function grouped(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A number and what it counts: 1 record, 2,000 records. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The components as a table: records, rate, lag, dead letters and what is the matter. */
export class ProgressTable {
  readonly #stats: () => readonly ComponentStats[];
  readonly #before = new Map<ComponentStats, number>();
  #at: number;

  constructor(stats: () => readonly ComponentStats[], now: number) {
    this.#stats = stats;
    this.#at = now;
  }

  /** The table's lines; rates are since the last call. */
  lines(now: number): string[] {
    const seconds = Math.max(0.001, (now - this.#at) / 1000);
    this.#at = now;
    const rows = this.#stats().map((stats) => {
      const rate = (stats.recordsIn - (this.#before.get(stats) ?? 0)) / seconds;
      this.#before.set(stats, stats.recordsIn);
      return [
        `${stats.pipeline}/${stats.component}`,
        stats.kind,
        grouped(stats.recordsIn),
        `${grouped(rate)}/s`,
        stats.kind === 'source' || stats.lag < 0 ? '-' : grouped(stats.lag),
        grouped(stats.deadLetters),
        stats.reason === '' ? stats.state : `${stats.state}: ${stats.reason.slice(0, 60)}`,
      ];
    });
    return columns([['component', 'kind', 'records', 'rate', 'lag', 'dead', 'state'], ...rows]);
  }
}

/** Aligned columns: text to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column >= 2 && column <= 5 ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** A block of lines at the bottom of a terminal, drawn over itself; what else is written goes above it. */
export class LiveBlock {
  readonly #write: (text: string) => void;
  readonly #width: () => number;
  #lines: readonly string[] = [];
  #drawn = 0;

  constructor(write: (text: string) => void, width: () => number) {
    this.#write = write;
    this.#width = width;
  }

  draw(lines: readonly string[]): void {
    const width = Math.max(20, this.#width() - 1);
    this.clear();
    this.#write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.#lines = lines;
    this.#drawn = lines.length;
  }

  /** Puts `text` above the block. Text that ends within a line takes the block away until it is drawn anew. */
  above(text: string, write: () => void): void {
    this.clear();
    write();
    if (text.endsWith('\n') && this.#lines.length > 0) this.draw(this.#lines);
  }

  /** Takes the block away for good. */
  end(): void {
    this.clear();
    this.#lines = [];
  }

  /** Takes the block away, so that something can be written in its place. */
  clear(): void {
    if (this.#drawn > 0) this.#write(`${(UP + CLEAR_LINE).repeat(this.#drawn)}\r`);
    this.#drawn = 0;
  }
}
