import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ContentReader } from './content-reader.ts';

/** Bytes unpacked at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * What a gzip file unpacks to, from its beginning to its end. It holds what the last read gave and no more, whatever the
 * archive unpacks to; going back beyond that unpacks it anew.
 */
export class Archive implements ContentReader {
  readonly #handle: FileHandle;
  #chunks: AsyncIterator<Buffer> | undefined;
  #stop = (): void => undefined;
  /** What is unpacked and not passed, and where it begins. */
  #window: Buffer = Buffer.alloc(0);
  #start = 0;
  #ended = false;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Bytes that it unpacks to; `undefined` until its end was reached. */
  get length(): number | undefined {
    return this.#ended ? this.#start + this.#window.length : undefined;
  }

  async read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    if (position < this.#start || this.#chunks === undefined) this.#rewind();
    while (!this.#ended && this.#start + this.#window.length < position + length) await this.#unpack(position);
    this.#pass(position);
    const bytesRead = Math.min(length, this.#window.length);
    this.#window.copy(buffer, offset, 0, bytesRead);
    return { bytesRead };
  }

  /** Unpacks all of it to learn its length. */
  async measure(): Promise<number> {
    const one = Buffer.alloc(1);
    for (let at = this.#start; this.length === undefined; at = this.#start + this.#window.length) await this.read(one, 0, 1, at);
    return this.length;
  }

  close(): void {
    this.#stop();
    this.#chunks = undefined;
  }

  async #unpack(position: number): Promise<void> {
    const next = await (this.#chunks as AsyncIterator<Buffer>).next();
    if (next.done === true) {
      this.#ended = true;
      return;
    }
    this.#window = this.#window.length === 0 ? next.value : Buffer.concat([this.#window, next.value]);
    this.#pass(position);
  }

  #pass(position: number): void {
    const passed = Math.min(Math.max(0, position - this.#start), this.#window.length);
    this.#window = this.#window.subarray(passed);
    this.#start += passed;
  }

  #rewind(): void {
    this.#stop();
    const packed = Readable.from(packedBytes(this.#handle), { objectMode: false, highWaterMark: CHUNK_BYTES });
    const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
    packed.on('error', (error) => unpacked.destroy(error));
    // Where it is stopped in the middle nobody asks for what goes wrong then.
    unpacked.on('error', () => undefined);
    packed.pipe(unpacked);
    this.#stop = () => {
      packed.destroy();
      unpacked.destroy();
    };
    this.#chunks = unpacked[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#window = Buffer.alloc(0);
    this.#start = 0;
    this.#ended = false;
  }
}

/** A stream of the file system's own would close the file when it is stopped. */
async function* packedBytes(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
