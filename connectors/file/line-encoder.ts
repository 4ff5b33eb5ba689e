import type { BatchBuilder } from 'millrace/sdk';

const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const LETTER_U = 0x75;

/** The letter after the backslash in JSON's escape of each byte; 0 where the byte needs none. */
const ESCAPES = escapeTable();
const HEX = Buffer.from('0123456789abcdef');
/** The longest escape: `\u001f`. */
const MAX_BYTES_PER_BYTE = 6;
const MAX_DIGITS = 16;
/** `"}` */
const CLOSE_BYTES = 2;
/** Up to this length room is reserved for the worst case instead of counting. */
const SHORT_LINE = 16 * 1024;
const WORD = 4;
const MESSAGE = Buffer.from('},"message":"');

/** Repeats one byte four times, for tests of four bytes at once. */
const fourTimes = (byte: number): number => byte * 0x01010101;
const ONES = fourTimes(0x01);
const HIGH_BITS = fourTimes(0x80);
const SPACES = fourTimes(0x20);
const QUOTES = fourTimes(0x22);
const BACKSLASHES = fourTimes(BACKSLASH);

/**
 * Writes lines as JSON records straight into a batch's memory. It works on bytes, four at a time, because making a
 * string of every line costs three times as much (test/bench/file-lines.ts measures it).
 */
export class LineEncoder {
  readonly #host: string;
  #path: string | undefined;
  #head: Buffer = Buffer.alloc(0);
  #truncatedHead: Buffer = Buffer.alloc(0);
  #block: Buffer = Buffer.alloc(0);
  #view: DataView = viewOf(this.#block);
  #target: Buffer = Buffer.alloc(0);
  #targetView: DataView = viewOf(this.#target);

  constructor(host: string) {
    this.#host = host;
  }

  /** Says which file the lines that follow are of. */
  use(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    const host = `{"host":{"name":${JSON.stringify(this.#host)}},"log":{"file":{"path":${JSON.stringify(path)}},`;
    this.#head = Buffer.from(`${host}"offset":`);
    this.#truncatedHead = Buffer.from(`${host}"flags":["truncated"],"offset":`);
  }

  /** Says which bytes the lines that follow are in. */
  read(block: Buffer): void {
    this.#block = block;
    this.#view = viewOf(block);
  }

  /** Puts the line from `start` up to `end` of the block, which is at `offset` in its file, into the record begun last. */
  write(builder: BatchBuilder, start: number, end: number, offset: number): void {
    this.#write(builder, this.#head, { start, end, offset });
  }

  /** As {@link write}, for a line that is cut. */
  writeTruncated(builder: BatchBuilder, start: number, end: number, offset: number): void {
    this.#write(builder, this.#truncatedHead, { start, end, offset });
  }

  #write(builder: BatchBuilder, head: Buffer, { start, end, offset }: Line): void {
    const from = builder.openValue(head.length + MAX_DIGITS + MESSAGE.length + this.#escapedBound(start, end) + CLOSE_BYTES);
    const target = this.#targetOf(builder);
    target.set(head, from);
    let at = writeDecimal(target, from + head.length, offset);
    target.set(MESSAGE, at);
    at = this.#writeEscaped(target, at + MESSAGE.length, start, end);
    target[at] = 0x22;
    target[at + 1] = 0x7d;
    builder.endValue(at + CLOSE_BYTES);
  }

  /** Room that the line may need: the worst case, counted exactly where that would be much. */
  #escapedBound(start: number, end: number): number {
    if (end - start <= SHORT_LINE) return (end - start) * MAX_BYTES_PER_BYTE;
    // Whole words are written before they are looked at, so the last one may reach beyond the line.
    let bytes = end - start + WORD;
    for (let i = start; i < end; i += 1) {
      const letter = ESCAPES[this.#block[i] as number] as number;
      if (letter !== 0) bytes += letter === LETTER_U ? MAX_BYTES_PER_BYTE - 1 : 1;
    }
    return bytes;
  }

  #targetOf(builder: BatchBuilder): Buffer {
    if (builder.arena !== this.#target) {
      this.#target = builder.arena;
      this.#targetView = viewOf(this.#target);
    }
    return this.#target;
  }

  /** Copies bytes as the inside of a JSON string: four at once while none needs an escape, the others one by one. */
  #writeEscaped(target: Buffer, to: number, start: number, end: number): number {
    const block = this.#block;
    const view = this.#view;
    const targetView = this.#targetView;
    const lastWord = end - WORD;
    let from = start;
    let at = to;
    while (from < end) {
      while (from <= lastWord) {
        const word = view.getInt32(from, true);
        targetView.setInt32(at, word, true);
        const quote = word ^ QUOTES;
        const backslash = word ^ BACKSLASHES;
        // The borrow trick: a high bit is set where a byte is below a space, or became zero (a quote, a backslash).
        const special = ((word - SPACES) & ~word) | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash);
        if ((special & HIGH_BITS) !== 0) break;
        from += WORD;
        at += WORD;
      }
      const stop = Math.min(from + WORD, end);
      for (; from < stop; from += 1) {
        const byte = block[from] as number;
        const letter = ESCAPES[byte] as number;
        if (letter === 0) target[at++] = byte;
        else at = writeEscape(target, at, byte, letter);
      }
    }
    return at;
  }
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
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
  return to + MAX_BYTES_PER_BYTE;
}

function writeDecimal(target: Buffer, to: number, value: number): number {
  let end = to + 1;
  for (let bound = 10; value >= bound; bound *= 10) end += 1;
  let rest = value;
  for (let at = end - 1; at >= to; at -= 1) {
    const tenth = Math.floor(rest / 10);
    target[at] = DIGIT_0 + (rest - tenth * 10);
    rest = tenth;
  }
  return end;
}
