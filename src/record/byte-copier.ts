import { viewOf } from './view.ts';

const WORD = 4;
/** Words copied in one turn of the loop. */
const STEP = 4 * WORD;

/** Bytes that never change, made ready to be written a word at a time. */
export interface Piece {
  /** The bytes, little-endian, the last word filled up with zeros. */
  readonly words: Int32Array;
  readonly length: number;
}

/** A piece of `text`, which is latin1. */
export function piece(text: string): Piece {
  const length = Buffer.byteLength(text, 'latin1');
  const bytes = Buffer.alloc(Math.ceil(length / WORD) * WORD);
  bytes.write(text, 'latin1');
  return { words: Int32Array.from({ length: bytes.length / WORD }, (_, i) => bytes.readInt32LE(i * WORD)), length };
}

/**
 * Copies short ranges of bytes between two arenas. A call of `Buffer.copy` costs as much as 200 bytes do here, where they
 * are copied four at a time.
 */
export class ByteCopier {
  #source: Buffer = Buffer.alloc(0);
  #sourceView: DataView = viewOf(this.#source);
  #target: Buffer = Buffer.alloc(0);
  #targetView: DataView = viewOf(this.#target);

  /** Says where the bytes are, and where they go. */
  between(source: Buffer, target: Buffer): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = viewOf(source);
    }
    if (target !== this.#target) {
      this.#target = target;
      this.#targetView = viewOf(target);
    }
  }

  /** Copies the source's bytes from `start` up to `end` to the target's byte `to` on; returns where they end. */
  range(to: number, start: number, end: number): number {
    const length = end - start;
    if (length < WORD) return this.#few(to, start, end);
    const source = this.#sourceView;
    const target = this.#targetView;
    let from = start;
    let at = to;
    for (const last = end - STEP; from <= last; from += STEP, at += STEP) {
      target.setInt32(at, source.getInt32(from, true), true);
      target.setInt32(at + WORD, source.getInt32(from + WORD, true), true);
      target.setInt32(at + 2 * WORD, source.getInt32(from + 2 * WORD, true), true);
      target.setInt32(at + 3 * WORD, source.getInt32(from + 3 * WORD, true), true);
    }
    for (const last = end - WORD; from < last; from += WORD, at += WORD) target.setInt32(at, source.getInt32(from, true), true);
    // The last word, which may overlap the one before it.
    target.setInt32(to + length - WORD, source.getInt32(end - WORD, true), true);
    return to + length;
  }

  #few(to: number, start: number, end: number): number {
    let at = to;
    for (let from = start; from < end; from += 1, at += 1) this.#target[at] = this.#source[from] as number;
    return at;
  }

  /** Writes a piece to the target's byte `to` on; returns where it ends. Up to 3 bytes behind it are overwritten. */
  piece(to: number, { words, length }: Piece): number {
    const target = this.#targetView;
    for (let i = 0, at = to; i < words.length; i += 1, at += WORD) target.setInt32(at, words[i] as number, true);
    return to + length;
  }
}
