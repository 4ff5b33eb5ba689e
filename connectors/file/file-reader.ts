import type { BatchBuilder } from 'millrace/sdk';
import type { FileConfig } from './config.ts';
import type { ContentReader } from './content-reader.ts';
import type { TrackedFile } from './tracked-file.ts';

/** Bytes of one read. Larger ones do not fit the processor's cache and leave other files waiting for longer. */
export const BLOCK_BYTES = 256 * 1024;
/** Bounds of one batch. */
export const BATCH_RECORDS = 4000;
export const BATCH_BYTES = 1_000_000;
/** How many bytes before the offset are remembered to know the file by. */
export const TAIL_BYTES = 256;

/** Reads a block of a file at a time and makes records of it. */
export interface FileReader {
  /** Reads the next block of `file` and sends its records. What is not complete waits, and is read again. */
  readBlock(file: TrackedFile, content: ContentReader): Promise<void>;
}

/** Sends what was built of `file`, whose offset is where the lines sent end. Settles when there is room for more. */
export type Send = (file: TrackedFile, builder: BatchBuilder) => Promise<void>;

export interface ReaderHooks {
  /** Wall-clock time in ms since 1970. */
  now(): number;
  /** Time in ms that never goes back. */
  monotonic(): number;
  readonly send: Send;
}

/** What a reader takes of the source's options. */
export type ReaderConfig = Pick<FileConfig, 'max_line_bytes' | 'empty_lines' | 'multiline' | 'encoding' | 'file_identity'>;

/** The one buffer of a reader, whatever the number of its files. */
export class BlockBuffer {
  #buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);

  /** Reads up to `bytes` bytes from the file's offset on, and notes how far it was looked at. */
  async read(file: TrackedFile, content: ContentReader, bytes: number): Promise<Buffer> {
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    const { bytesRead } = await content.read(this.#buffer, 0, Math.min(bytes, file.limit - file.offset), file.offset);
    if (content.length !== undefined) file.limit = content.length;
    // It may be shorter than it was said to be: then the next look will tell why.
    file.scanned = bytesRead === 0 ? file.size : file.offset + bytesRead;
    return this.#buffer.subarray(0, bytesRead);
  }
}
