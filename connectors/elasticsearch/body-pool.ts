/**
 * Memory for request bodies, used again, for making and clearing 5 MB per request is a good part of its cost. Bounded
 * by the number of buffers kept; what a write takes beyond that is left to the garbage collector.
 */
export class BodyPool {
  readonly #free: Buffer[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** A buffer of at least `bytes`, its content arbitrary. */
  take(bytes: number): Buffer {
    const fit = this.#free.findIndex((buffer) => buffer.length >= bytes);
    if (fit >= 0) return this.#free.splice(fit, 1)[0] as Buffer;
    this.#free.shift();
    return Buffer.allocUnsafeSlow(roundUp(bytes));
  }

  /** Gives a buffer back. Only one that nobody reads any more: its request must have been answered in full. */
  give(buffer: Buffer): void {
    if (this.#free.length < this.#most) this.#free.push(buffer);
  }

  clear(): void {
    this.#free.length = 0;
  }
}

/** The next power of two from 64 KiB on, so that bodies of changing size find a buffer that fits. */
function roundUp(bytes: number): number {
  let size = 65_536;
  while (size < bytes) size *= 2;
  return size;
}
