import { NOT_PLAIN, notPlain } from './json-bytes.ts';
import { integerEnd, isAt, type JsonShape, type Literal, learnShape, plainTextEnd } from './json-shape.ts';
import { viewOf } from './view.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const WORD = 4;
/** `"message":"` and `,` */
const KEY_BYTES = 11;
const COMMA_BYTES = 1;
/** Shapes remembered: those of as many kinds of sources in one topic. */
const MAX_SHAPES = 4;
/** Learning costs as much as reading some ten values, so where values match no shape it is tried ever more rarely. */
const MAX_TRIES = 16;
const RECORDS_A_TRY = 1024;
/** Quotes within a message that are noted; a message with more of them is not found. */
const MAX_QUOTES = 64;

/**
 * Finds the text `message` in a JSON object, and the bytes of all that is beside it, without parsing: it knows the shapes
 * of objects that it has parsed before, and compares. What it finds is therefore valid JSON. It finds plain text only: ASCII
 * whose only escapes are those of quotes.
 */
export class MessageEnvelope {
  readonly #reserved: ReadonlySet<string>;
  readonly #shapes: JsonShape[] = [];
  #tries = MAX_TRIES;
  #misses = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = viewOf(this.#bytes);
  /** Where the message stands in the bytes given last, between its quotes, still escaped. */
  start = 0;
  end = 0;
  /** Where the members before it and after it stand, without the commas beside it. Empty where there are none. */
  beforeStart = 0;
  beforeEnd = 0;
  afterStart = 0;
  afterEnd = 0;
  /** Where the backslashes of the escaped quotes within the message stand. */
  readonly quotes: Int32Array = new Int32Array(MAX_QUOTES);
  quoteCount = 0;

  /** `reserved`: names that must not stand beside `message`; objects with one of them are not found. */
  constructor(reserved: Iterable<string>) {
    this.#reserved = new Set(reserved);
  }

  /** Looks at `bytes` from `start` up to `end`; false where nothing was found. */
  find(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    const shapes = this.#shapes;
    for (let i = 0; i < shapes.length; i += 1) {
      const shape = shapes[i] as JsonShape;
      if (!this.#matches(shape, bytes, start, end)) continue;
      if (this.#tries < MAX_TRIES) this.#tries += 1;
      this.#place(shape, start, end);
      if (i > 0) this.#preferred(i);
      return true;
    }
    return this.#learn(bytes, start, end);
  }

  /** Puts the shape that matched to the front, for the next record is mostly of the same source. */
  #preferred(i: number): void {
    const [shape] = this.#shapes.splice(i, 1);
    if (shape !== undefined) this.#shapes.unshift(shape);
  }

  #matches(shape: JsonShape, bytes: Buffer, start: number, end: number): boolean {
    const { literals, slots } = shape;
    let at = start;
    for (let i = 0; ; i += 1) {
      const literal = literals[i] as Literal;
      const { length } = literal.bytes;
      if (at + length > end || !isAt(this.#view, at, literal)) return false;
      at += length;
      if (i === slots.length) return at === end;
      const slot = slots[i];
      if (slot === 'integer') at = integerEnd(bytes, at);
      else if (slot === 'text') at = plainTextEnd(bytes, at);
      else at = this.#message(bytes, at);
      if (at < 0) return false;
    }
  }

  /** Where the message ends (at its quote), or -1 where it is not plain. */
  #message(bytes: Buffer, start: number): number {
    const { quotes } = this;
    const view = this.#view;
    const lastWord = bytes.length - WORD;
    let count = 0;
    for (let at = start; ; at += 2) {
      while (at <= lastWord && notPlain(view.getInt32(at, true)) === 0) at += WORD;
      while (NOT_PLAIN[bytes[at] as number] === 0) at += 1;
      if (bytes[at] === QUOTE) {
        this.start = start;
        this.end = at;
        this.quoteCount = count;
        return at;
      }
      if (bytes[at] !== BACKSLASH || bytes[at + 1] !== QUOTE || count === MAX_QUOTES) return -1;
      quotes[count] = at;
      count += 1;
    }
  }

  #place({ before, after }: JsonShape, start: number, end: number): void {
    this.beforeStart = start + 1;
    this.beforeEnd = before ? this.start - KEY_BYTES - COMMA_BYTES : this.beforeStart;
    this.afterEnd = end - 1;
    this.afterStart = after ? this.end + 1 + COMMA_BYTES : this.afterEnd;
  }

  #learn(bytes: Buffer, start: number, end: number): boolean {
    if (this.#tries === 0) {
      this.#misses += 1;
      if (this.#misses % RECORDS_A_TRY !== 0) return false;
      this.#tries = 1;
    }
    this.#tries -= 1;
    const shape = learnShape(bytes.subarray(start, end));
    if (shape === undefined || shape.names.some((name) => this.#reserved.has(name))) return false;
    if (!this.#matches(shape, bytes, start, end)) return false;
    this.#shapes.unshift(shape);
    if (this.#shapes.length > MAX_SHAPES) this.#shapes.pop();
    this.#place(shape, start, end);
    return true;
  }
}
