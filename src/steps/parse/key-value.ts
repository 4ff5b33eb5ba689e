import type { JsonObject } from '../../record/json.ts';
import { addDotted } from './dotted-key.ts';
import { ParseFailure, type TextParser } from './parser.ts';

export interface KeyValueOptions {
  /** Between pairs; `undefined`: blanks. */
  readonly pairs: string | undefined;
  /** Between a key and its value. */
  readonly values: string;
  /** Characters that are taken off both ends of keys and values, besides blanks. */
  readonly trim: string;
  /** Stands before each key. */
  readonly prefix: string;
  /** Whether the text, which may be of another format, must begin with a pair. */
  readonly sure: boolean;
}

const SPACE = 32;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

/** More keys than this are no log line; the bound keeps one record's work finite. */
const MAX_KEYS = 10_000;

const NO_PAIR = new ParseFailure('it has no pair of a key and a value');
const NO_FIRST_PAIR = new ParseFailure('it does not begin with a pair of a key and a value');
const TOO_MANY = new ParseFailure(`it has more than ${MAX_KEYS} pairs`);

/**
 * Makes a reader of `key=value` pairs as devices write them: `src=10.0.0.1 msg="two words" user='ann'`. Values stay
 * texts, dots in keys nest, a key that repeats gets a list. A quote that nothing ends is an ordinary character, and what
 * is no pair is left out.
 */
export function keyValueParser(options: KeyValueOptions): TextParser {
  const { prefix, sure } = options;
  const reader = new PairReader(options);
  return (text) => {
    reader.begin(text);
    const fields: JsonObject = {};
    let pairs = 0;
    while (reader.next()) {
      if (sure && pairs === 0 && !reader.isFirst) return NO_FIRST_PAIR;
      pairs += 1;
      if (pairs > MAX_KEYS) return TOO_MANY;
      addDotted(fields, prefix + reader.key, reader.value);
    }
    return pairs > 0 ? fields : NO_PAIR;
  };
}

/** A cursor over pairs. One serves all texts of a parser. */
class PairReader {
  key = '';
  value = '';
  /** Whether nothing but blanks stood before the pair. */
  isFirst = true;
  readonly #pairs: string | undefined;
  readonly #values: string;
  readonly #trim: ReadonlySet<number>;
  #text = '';
  #at = 0;
  /** The next separator between key and value, so that it is not looked for again at every word. */
  #nextValue = -1;
  /** Quotes that nothing ends from here on. */
  readonly #open = new Set<number>();

  constructor({ pairs, values, trim }: KeyValueOptions) {
    this.#pairs = pairs;
    this.#values = values;
    this.#trim = new Set(Array.from(trim, (character) => character.charCodeAt(0)));
  }

  begin(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#nextValue = text.indexOf(this.#values);
    this.#open.clear();
    this.isFirst = true;
  }

  /** Reads the next pair into `key` and `value`; false where there is none left. */
  next(): boolean {
    const text = this.#text;
    for (;;) {
      this.#skipSeparators();
      if (this.#nextValue >= 0 && this.#nextValue < this.#at) this.#nextValue = text.indexOf(this.#values, this.#at);
      if (this.#nextValue < 0) return false;
      const start = this.#at;
      const wordEnd = this.#endOfWord(start);
      if (this.#nextValue <= wordEnd) {
        this.#at = this.#nextValue + this.#values.length;
        this.#readValue();
        this.key = this.#trimmed(start, this.#nextValue);
        if (this.key !== '') return true;
      } else {
        // Blanks may stand around the separator: `a = 1`.
        const separator = this.#skipBlanks(wordEnd);
        if (this.#pairs === undefined && separator === this.#nextValue) {
          this.#at = this.#skipBlanks(separator + this.#values.length);
          this.#readValue();
          this.key = this.#trimmed(start, wordEnd);
          if (this.key !== '') return true;
        } else this.#at = Math.max(wordEnd, start + 1);
      }
      this.isFirst = false;
    }
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (at < this.#text.length && this.#text.charCodeAt(at) <= SPACE) at += 1;
    return at;
  }

  #skipSeparators(): void {
    const pairs = this.#pairs;
    this.#at = this.#skipBlanks(this.#at);
    while (pairs !== undefined && this.#text.startsWith(pairs, this.#at)) this.#at = this.#skipBlanks(this.#at + pairs.length);
  }

  /** Where the word that begins at `start` ends: at what separates pairs, or at the end. */
  #endOfWord(start: number): number {
    const text = this.#text;
    if (this.#pairs !== undefined) {
      const end = text.indexOf(this.#pairs, start);
      return end < 0 ? text.length : end;
    }
    let end = start;
    while (end < text.length && text.charCodeAt(end) > SPACE) end += 1;
    return end;
  }

  /** Reads the value that begins at the cursor, and moves the cursor behind it. */
  #readValue(): void {
    const text = this.#text;
    const start = this.#pairs === undefined ? this.#at : this.#skipBlanks(this.#at);
    const quote = text.charCodeAt(start);
    const close = quote === QUOTE || quote === APOSTROPHE ? this.#closing(start + 1, quote) : -1;
    if (close >= 0) {
      this.value = unescapeQuotes(text.slice(start + 1, close));
      this.#at = close + 1;
      return;
    }
    const end = this.#endOfWord(this.#at);
    this.value = this.#trimmed(this.#at, end);
    this.#at = end;
  }

  /** The first quote, not after a backslash, behind which a pair may end; so quotes inside a value do no harm. */
  #closing(start: number, quote: number): number {
    if (this.#open.has(quote)) return -1;
    const text = this.#text;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at += 1;
      else if (code === quote && this.#mayEnd(at + 1)) return at;
    }
    this.#open.add(quote);
    return -1;
  }

  #mayEnd(at: number): boolean {
    const text = this.#text;
    if (at >= text.length || text.charCodeAt(at) <= SPACE) return true;
    return this.#pairs !== undefined && text.startsWith(this.#pairs, at);
  }

  #trimmed(from: number, to: number): string {
    let start = from;
    let end = to;
    while (start < end && this.#isTrimmed(start)) start += 1;
    while (end > start && this.#isTrimmed(end - 1)) end -= 1;
    return this.#text.slice(start, end);
  }

  #isTrimmed(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code <= SPACE || this.#trim.has(code);
  }
}

/** Takes back the escapes that quoting needs. Other backslashes stay: they are in paths of Windows. */
function unescapeQuotes(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(["'\\])/g, '$1') : text;
}
