import { errorMessage, type Outcomes, reasonOf, type Sink, type SinkBatch } from 'millrace/sdk';
import type { ConsoleConfig } from './config.ts';
import { type Format, formats } from './format.ts';

/** What the sink needs of `process.stdout`. */
export interface Output {
  write(text: string, done: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** Prints records. A write is done when the stream has taken it, so a slow reader holds the sink up. */
export class ConsoleSink implements Sink {
  readonly #stream: ConsoleConfig['stream'];
  readonly #output: Output;
  readonly #format: Format;
  // The write's own callback says what went wrong; without a listener the event would end the process.
  readonly #onError = (): void => undefined;

  constructor(config: ConsoleConfig, output: Output) {
    this.#stream = config.stream;
    this.#output = output;
    this.#format = formats[config.format];
  }

  async open(): Promise<void> {
    this.#output.off('error', this.#onError);
    this.#output.on('error', this.#onError);
  }

  async write({ records }: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    let text = '';
    for (let i = 0; i < records.length; i += 1)
      text += `${records.value(i) === null ? 'null' : this.#format(records.valueText(i))}\n`;
    try {
      await this.#print(text, signal);
      outcomes.deliveredAll();
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = {
        code: 'CONSOLE_UNWRITABLE',
        message: errorMessage('CONSOLE_UNWRITABLE', { stream: this.#stream, reason: whyNot(error) }),
      } as const;
      for (let i = 0; i < records.length; i += 1) outcomes.retry(i, failure);
    }
  }

  async close(): Promise<void> {
    this.#output.off('error', this.#onError);
  }

  #print(text: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      this.#output.write(text, (error) => {
        signal.removeEventListener('abort', stop);
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function whyNot(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'EPIPE' ? 'whoever read it has gone' : reasonOf(error);
}
