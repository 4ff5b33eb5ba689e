import type { BatchBuilder } from 'millrace/sdk';
import type { FileConfig } from './config.ts';
import type { ContentReader } from './content-reader.ts';
import type { TrackedFile } from './tracked-file.ts';

/** Bytes of one read. Larger ones do not fit the processor's cache and leave other files waiting for longer. */
export const BLOCK_BYTES = 256 * 1024;
/** Blocks of one file in a row, so that the next can be read beside the work on the one before. */
export const BLOCKS_A_TURN = 4;
/** Bounds of one batch. */
export const BATCH_RECORDS = 4000;
export const BATCH_BYTES = 1_000_000;

/** Reads a few blocks of a file at a time and makes records of them. */
export interface FileReader {
  /** Reads the next block of `file`, or some, and sends their records. What is not complete waits, and is read again. */
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

/** The buffers of a reader, whatever the number of its files: one is read into while the lines of the other are dealt with. */
export class BlockBuffer {
  #buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #spare = Buffer.allocUnsafeSlow(BLOCK_BYTES);

  /** Reads up to `bytes` bytes from the file's offset on, and notes how far it was looked at. */
  async read(file: TrackedFile, content: ContentReader, bytes: number): Promise<Buffer> {
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    const { bytesRead } = await content.read(this.#buffer, 0, Math.min(bytes, file.limit - file.offset), file.offset);
    if (content.length !== undefined) file.limit = content.length;
    // It may be shorter than it was said to be: then the next look will tell why.
    file.scanned = bytesRead === 0 ? file.size : file.offset + bytesRead;
    return this.#buffer.subarray(0, bytesRead);
  }

  /** Begins to read what stands at `position`, for {@link take}. One at a time. */
  ahead(file: TrackedFile, content: ContentReader, position: number): Promise<number> {
    const bytes = Math.max(0, Math.min(BLOCK_BYTES, file.limit - position));
    const reading = content.read(this.#spare, 0, bytes, position).then(({ bytesRead }) => bytesRead);
    // Whoever does not come to take it needs no error either: the same read is then made again.
    reading.catch(() => undefined);
    return reading;
  }

  /** The bytes that {@link ahead} has read, as the next of the file. */
  take(file: TrackedFile, bytesRead: number): Buffer {
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    file.scanned = file.offset + bytesRead;
    return this.#buffer.subarray(0, bytesRead);
  }
}

/** The largest end, at most `end`, that does not cut a UTF-8 character in two. */
export function atCharacterBorder(block: Buffer, start: number, end: number): number {
  let at = end;
  // A continuation byte is 10xxxxxx; a character has at most three of them.
  for (let back = 0; back < 3 && at > start && ((block[at] as number) & 0xc0) === 0x80; back += 1) at -= 1;
  return at > start ? at : end;
}
