import type { Logger } from '../../sdk/logger.ts';

/** Keeps what a run says of trouble, to show it beside a test that fails. */
export class KeptLog implements Logger {
  readonly lines: string[] = [];

  debug(): void {}

  info(): void {}

  warn(message: string): void {
    this.lines.push(message);
  }

  error(message: string): void {
    this.lines.push(message);
  }
}
