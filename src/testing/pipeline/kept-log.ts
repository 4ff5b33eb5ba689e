import type { Logger } from '../../sdk/logger.ts';

const MOST_LINES = 10;

/** Keeps what a run says of trouble, to show it beside a test that fails. */
export class KeptLog implements Logger {
  readonly lines: string[] = [];

  debug(): void {}

  info(): void {}

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep(message, fields);
  }

  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#keep(message, fields);
  }

  /** What is said again and again is kept once. */
  #keep(message: string, { reason }: Readonly<Record<string, unknown>>): void {
    const line = reason === undefined ? message : `${message}: ${String(reason)}`;
    if (this.lines.length < MOST_LINES && !this.lines.includes(line)) this.lines.push(line);
  }
}
