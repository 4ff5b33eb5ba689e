import { isDigit, NOT_PLAIN } from './json-bytes.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const CLOSE_OBJECT = 0x7d;
const WORD = 4;
/** Numbers of more digits are no longer exact once they have been read. */
const MAX_DIGITS = 15;
/** A deeper value, or one with more names in one object or more texts and numbers in all, is not learnt. */
const MAX_DEPTH = 16;
const MAX_NAMES = 64;
const MAX_SLOTS = 256;

/** What stands between two literal pieces of a shape. */
export type Slot = 'text' | 'integer' | 'message';

/** Bytes to be compared four at a time. */
export interface Literal {
  readonly bytes: Buffer;
  /** The whole words of the bytes, little-endian, and the last four bytes, which may overlap the last of them. */
  readonly words: Int32Array;
  readonly lastWord: number;
}

/** How a JSON object is built: its bytes without its texts and numbers. */
export interface JsonShape {
  /** One more than slots. */
  readonly literals: readonly Literal[];
  readonly slots: readonly Slot[];
  /** Whether other members stand before `message`, and after it. */
  readonly before: boolean;
  readonly after: boolean;
  /** Names of the top level, `message` included. */
  readonly names: readonly string[];
}

/**
 * Learns the shape of a compact JSON object (no blanks between tokens) in ASCII with a text `message` at its top.
 * Undefined where it is no such object, where a name is there twice or holds an escape, or where a number is no plain
 * integer: such objects are left to JSON.parse.
 */
export function learnShape(bytes: Buffer): JsonShape | undefined {
  try {
    JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  return new ShapeLearner(bytes).learn();
}

/** Walks over JSON that is known to be valid. Every method returns false where the shape can't be learnt. */
class ShapeLearner {
  readonly #bytes: Buffer;
  readonly #literals: Literal[] = [];
  readonly #slots: Slot[] = [];
  #names: readonly string[] = [];
  #at = 0;
  #literalStart = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  learn(): JsonShape | undefined {
    if (this.#bytes[0] !== 0x7b || !this.#value(0, '') || this.#slots.length > MAX_SLOTS || this.#at !== this.#bytes.length)
      return undefined;
    this.#literals.push(literalOf(this.#bytes.subarray(this.#literalStart)));
    if (this.#slots.filter((slot) => slot === 'message').length !== 1) return undefined;
    const place = this.#names.indexOf('message');
    const after = place < this.#names.length - 1;
    return { literals: this.#literals, slots: this.#slots, before: place > 0, after, names: this.#names };
  }

  #value(depth: number, name: string): boolean {
    if (depth > MAX_DEPTH) return false;
    const byte = this.#bytes[this.#at] as number;
    if (byte === QUOTE) return this.#text(depth === 1 && name === 'message' ? 'message' : 'text');
    if (byte === 0x7b) return this.#object(depth);
    if (byte === 0x5b) return this.#list(depth);
    if (byte === MINUS || isDigit(byte)) return this.#integer();
    return this.#word();
  }

  #object(depth: number): boolean {
    const names: string[] = [];
    this.#at += 1;
    while (this.#bytes[this.#at] === QUOTE) {
      const nameStart = this.#at + 1;
      const nameEnd = plainTextEnd(this.#bytes, nameStart);
      if (nameEnd < 0 || this.#bytes[nameEnd + 1] !== 0x3a) return false;
      const name = this.#bytes.toString('latin1', nameStart, nameEnd);
      // Names such as 7 come first in an object of JavaScript, wherever they were written.
      if (names.length === MAX_NAMES || isDigit(this.#bytes[nameStart] as number) || names.includes(name)) return false;
      names.push(name);
      this.#at = nameEnd + 2;
      if (!this.#value(depth + 1, name)) return false;
      if (this.#bytes[this.#at] === COMMA) this.#at += 1;
    }
    if (this.#bytes[this.#at] !== CLOSE_OBJECT) return false;
    this.#at += 1;
    if (depth === 0) this.#names = names;
    return true;
  }

  #list(depth: number): boolean {
    this.#at += 1;
    while (this.#bytes[this.#at] !== 0x5d) {
      if (!this.#value(depth + 1, '')) return false;
      if (this.#bytes[this.#at] === COMMA) this.#at += 1;
    }
    this.#at += 1;
    return true;
  }

  #text(slot: Slot): boolean {
    const start = this.#at + 1;
    let end = start;
    while (this.#bytes[end] !== QUOTE) end += this.#bytes[end] === BACKSLASH ? 2 : 1;
    this.#slot(slot, start, end);
    this.#at = end + 1;
    return true;
  }

  #integer(): boolean {
    const end = integerEnd(this.#bytes, this.#at);
    const next = this.#bytes[end];
    if (end < 0 || (next !== COMMA && next !== CLOSE_OBJECT && next !== 0x5d)) return false;
    this.#slot('integer', this.#at, end);
    this.#at = end;
    return true;
  }

  /** `true`, `false` and `null` are part of the shape. A blank is no letter, so it ends the learning. */
  #word(): boolean {
    const start = this.#at;
    for (;;) {
      const byte = this.#bytes[this.#at] as number;
      if (!(byte >= 0x61 && byte <= 0x7a)) return this.#at > start;
      this.#at += 1;
    }
  }

  #slot(slot: Slot, start: number, end: number): void {
    this.#literals.push(literalOf(this.#bytes.subarray(this.#literalStart, start)));
    this.#slots.push(slot);
    this.#literalStart = end;
  }
}

function literalOf(part: Buffer): Literal {
  const bytes = Buffer.from(part);
  const words = Int32Array.from({ length: Math.floor(bytes.length / WORD) }, (_, i) => bytes.readInt32LE(i * WORD));
  return { bytes, words, lastWord: words.length === 0 ? 0 : bytes.readInt32LE(bytes.length - WORD) };
}

/** Whether `literal` stands in the bytes that `view` shows from `start` on; all of it must be within them. */
export function isAt(view: DataView, start: number, { bytes, words, lastWord }: Literal): boolean {
  if (words.length === 0) {
    for (let i = 0; i < bytes.length; i += 1) if (view.getUint8(start + i) !== bytes[i]) return false;
    return true;
  }
  for (let i = 0, at = start; i < words.length; i += 1, at += WORD) if (view.getInt32(at, true) !== words[i]) return false;
  return view.getInt32(start + bytes.length - WORD, true) === lastWord;
}

/** Where a text in plain ASCII without escapes ends (at its quote), or -1 where it is no such text. */
export function plainTextEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (NOT_PLAIN[bytes[at] as number] === 0) at += 1;
  return bytes[at] === QUOTE ? at : -1;
}

/** Where a plain integer ends, or -1 where there is none: written as JSON writes it, and exact as a float64. */
export function integerEnd(bytes: Buffer, start: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let at = first;
  for (;;) {
    const byte = bytes[at] as number;
    if (!isDigit(byte)) break;
    at += 1;
  }
  const digits = at - first;
  if (digits === 0 || digits > MAX_DIGITS) return -1;
  // JSON has no leading zeros, and -0 is read as a number that is written as 0.
  if (bytes[first] === ZERO && (digits > 1 || first > start)) return -1;
  return at;
}
