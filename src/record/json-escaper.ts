import { needsEscape } from './json-bytes.ts';
import { viewOf } from './view.ts';

const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const LETTER_U = 0x75;

/** The letter after the backslash in JSON's escape of each byte; 0 where the byte needs none. */
const ESCAPES = escapeTable();
const HEX = Buffer.from('0123456789abcdef');
const WORD = 4;

/** The longest escape: `\u001f`. */
export const MAX_ESCAPED_BYTES = 6;

/**
 * Copies UTF-8 bytes as the inside of a JSON string. It works on four bytes at a time, because making strings of them, or
 * looking at one after the other, costs three times as much (test/bench/file-lines and json-encoder measure it).
 */
export class JsonEscaper {
  #source: Buffer = Buffer.alloc(0);
  #sourceView: DataView = viewOf(this.#source);
  #target: Buffer = Buffer.alloc(0);
  #targetView: DataView = viewOf(this.#target);

  /** Says where the bytes are. */
  from(source: Buffer): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#sourceView = viewOf(source);
  }

  /** Says where the bytes go. */
  to(target: Buffer): void {
    if (target === this.#target) return;
    this.#target = target;
    this.#targetView = viewOf(target);
  }

  /**
   * Copies the source's bytes from `start` up to `end` to the target's byte `to` on; returns where they end. There must be
   * room for the worst case: {@link MAX_ESCAPED_BYTES} a byte.
   */
  copy(to: number, start: number, end: number): number {
    const source = this.#source;
    const target = this.#target;
    const sourceView = this.#sourceView;
    const targetView = this.#targetView;
    const lastWord = end - WORD;
    const lastPair = end - 2 * WORD;
    let from = start;
    let at = to;
    while (from < end) {
      while (from <= lastPair) {
        const one = sourceView.getInt32(from, true);
        const two = sourceView.getInt32(from + WORD, true);
        targetView.setInt32(at, one, true);
        targetView.setInt32(at + WORD, two, true);
        if ((needsEscape(one) | needsEscape(two)) !== 0) break;
        from += 2 * WORD;
        at += 2 * WORD;
      }
      while (from <= lastWord) {
        const word = sourceView.getInt32(from, true);
        targetView.setInt32(at, word, true);
        if (needsEscape(word) !== 0) break;
        from += WORD;
        at += WORD;
      }
      const stop = Math.min(from + WORD, end);
      for (; from < stop; from += 1) {
        const byte = source[from] as number;
        const letter = ESCAPES[byte] as number;
        if (letter === 0) target[at++] = byte;
        else at = writeEscape(target, at, byte, letter);
      }
    }
    return at;
  }
}

/** How many bytes a byte takes once it is escaped. */
export function escapedLength(byte: number): number {
  const letter = ESCAPES[byte] as number;
  if (letter === 0) return 1;
  return letter === LETTER_U ? MAX_ESCAPED_BYTES : 2;
}

function escapeTable(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(LETTER_U, 0, 0x20);
  for (const [byte, letter] of [
    [0x08, 'b'],
    [0x09, 't'],
    [0x0a, 'n'],
    [0x0c, 'f'],
    [0x0d, 'r'],
    [0x22, '"'],
    [BACKSLASH, '\\'],
  ] as const) {
    table[byte] = letter.charCodeAt(0);
  }
  return table;
}

function writeEscape(target: Buffer, to: number, byte: number, letter: number): number {
  target[to] = BACKSLASH;
  target[to + 1] = letter;
  if (letter !== LETTER_U) return to + 2;
  target[to + 2] = DIGIT_0;
  target[to + 3] = DIGIT_0;
  target[to + 4] = HEX[byte >> 4] as number;
  target[to + 5] = HEX[byte & 15] as number;
  return to + MAX_ESCAPED_BYTES;
}
