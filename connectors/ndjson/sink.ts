import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import {
  type DeliveryError,
  errorMessage,
  MillraceError,
  type Outcomes,
  reasonOf,
  type Sink,
  type SinkBatch,
  type SinkContext,
} from 'millrace/sdk';
import type { NdjsonConfig } from './config.ts';
import { LineFile } from './line-file.ts';
import { linesOf } from './lines.ts';
import { Rotation } from './rotation.ts';

/** Appends records to a file. */
export class NdjsonSink implements Sink {
  readonly #config: NdjsonConfig;
  readonly #context: SinkContext;
  readonly #rotation: Rotation | undefined;
  #file: LineFile | undefined;
  /** The write before: a file has one end, so writes follow each other. */
  #last: Promise<void> = Promise.resolve();

  constructor(config: NdjsonConfig, context: SinkContext) {
    this.#config = config;
    this.#context = context;
    this.#rotation = config.rotate && new Rotation(config.path, config.rotate, context);
  }

  async open(): Promise<void> {
    const { path } = this.#config;
    try {
      this.#file ??= await LineFile.open(path);
      if (!this.#context.probing) this.#rotation?.begin();
    } catch (error) {
      throw new MillraceError('NDJSON_UNWRITABLE', { path, reason: reasonFor(error) }, { cause: error });
    }
  }

  write(batch: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    const written = this.#last.then(() => this.#write(batch, outcomes, signal));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async probe(): Promise<string> {
    const { path } = this.#config;
    const missing = await access(path, constants.W_OK).then(
      () => false,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return true;
        throw new MillraceError('NDJSON_UNWRITABLE', { path, reason: reasonFor(error) }, { cause: error });
      },
    );
    return missing ? `${path} will be created` : `${path} is writable`;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#release();
    await this.#rotation?.close();
  }

  async #write({ records }: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const lines = linesOf(records, outcomes);
    try {
      const file = await this.#fileFor(lines.length);
      await file.append(lines, this.#config.sync === 'batch', this.#context.clock.now());
    } catch (error) {
      // Opening again looks at what the file really holds.
      await this.#release();
      this.#retryAll(outcomes, error);
      return;
    }
    for (let i = 0; i < records.length; i += 1) if (outcomes.of(i) === 'unknown') outcomes.delivered(i);
  }

  /** The file that so many bytes go to: a new one where the old was renamed, or is to be now. */
  async #fileFor(bytes: number): Promise<LineFile> {
    const { path } = this.#config;
    if (await this.#file?.moved()) await this.#release();
    this.#file ??= await LineFile.open(path);
    if (bytes > 0 && this.#rotation?.isDue(this.#file, bytes)) {
      const full = this.#file;
      this.#file = undefined;
      await this.#rotation.rotate(full);
    }
    this.#file ??= await LineFile.open(path);
    return this.#file;
  }

  #retryAll(outcomes: Outcomes, error: unknown): void {
    const parameters = { path: this.#config.path, reason: reasonFor(error) };
    const failure: DeliveryError = { code: 'NDJSON_UNWRITABLE', message: errorMessage('NDJSON_UNWRITABLE', parameters) };
    for (let i = 0; i < outcomes.length; i += 1) if (outcomes.of(i) === 'unknown') outcomes.retry(i, failure);
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}

function reasonFor(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code] ?? reasonOf(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the quota is used up',
  EACCES: 'permission denied; check who owns it and its directory',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory; name a file',
  ENOTDIR: 'a part of its path is no directory',
  EEXIST: 'a part of its path is no directory',
};
