import type { BatchBuilder } from './batch-builder.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { JsonEscaper, MAX_ESCAPED_BYTES } from './json-escaper.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const ZERO = 0x30;
const SPACE = 0x20;
const FIRST_NON_ASCII = 0x80;

/** Room given to a value at first; one that needs more is encoded again with as much as it turned out to need. */
const FIRST_ROOM = 16 * 1024;
/** V8 makes substrings of this length and more point into the text they are of, and reading those unit by unit is slow. */
const MIN_COPIED = 13;
/** Longer text is not given room for the worst case, six bytes a unit: it takes the way that knows its size. */
const MAX_COPIED = 16 * 1024;
const FIRST_SCRATCH = 4 * 1024;
/** Encoded names that are kept: more than any sane set of fields, and a bound against names made of data. */
const MAX_NAMES = 4_096;
/** Fields of a value whose order is remembered. */
const MAX_ORDER = 256;
/** Whole numbers below this are written digit by digit. */
const MAX_SHORT_INTEGER = 1_000_000_000;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * Writes JSON values as UTF-8 straight into a batch, as `JSON.stringify` would put them (test/property/json-encoder
 * holds it to that), without a string per record in between: encoding is the largest single cost of a stream that
 * parses (test/bench/json-encoder measures both).
 *
 * Bytes are stored without a look at the room that is left: a typed array ignores a store beyond its end, so an
 * overflow shows once at the end, by the place that was reached.
 */
export class JsonEncoder {
  #target: Buffer = Buffer.alloc(0);
  #scratch: Buffer = Buffer.allocUnsafeSlow(FIRST_SCRATCH);
  readonly #escaper = new JsonEscaper();
  #at = 0;
  readonly #names = new Map<string, Buffer>();
  /** The names of the value written before, in their order, which is mostly that of the next value too. */
  readonly #order: { name: string; bytes: Buffer }[] = [];
  #place = 0;

  /** Sets the value of the record that `builder` has begun. Throws RangeError for nesting too deep for the stack. */
  write(builder: BatchBuilder, value: JsonObject): void {
    for (let room = FIRST_ROOM; ; ) {
      const start = builder.openValue(room);
      this.#target = builder.arena;
      this.#at = start;
      this.#place = 0;
      this.#object(value);
      if (this.#at <= this.#target.length) break;
      room = this.#at - start;
    }
    builder.endValue(this.#at);
  }

  #value(value: JsonValue): void {
    switch (typeof value) {
      case 'string':
        this.#text(value);
        break;
      case 'number':
        this.#number(value);
        break;
      case 'boolean':
        this.#bytes(value ? TRUE : FALSE);
        break;
      default:
        if (value === null) this.#bytes(NULL);
        else if (Array.isArray(value)) this.#list(value);
        else this.#object(value);
    }
  }

  #object(value: JsonObject): void {
    // The first name is written with its comma, which the brace then replaces.
    const start = this.#at;
    for (const name in value) {
      const field = value[name];
      if (field === undefined) continue;
      this.#bytes(this.#nameOf(name));
      this.#value(field);
    }
    if (this.#at === start) this.#at += 1;
    this.#target[start] = OPEN_OBJECT;
    this.#target[this.#at] = CLOSE_OBJECT;
    this.#at += 1;
  }

  #list(values: readonly (JsonValue | undefined)[]): void {
    this.#target[this.#at] = OPEN_LIST;
    this.#at += 1;
    for (let i = 0; i < values.length; i += 1) {
      if (i > 0) {
        this.#target[this.#at] = COMMA;
        this.#at += 1;
      }
      // JSON has no undefined: in a list it is null.
      this.#value(values[i] ?? null);
    }
    this.#target[this.#at] = CLOSE_LIST;
    this.#at += 1;
  }

  #text(text: string): void {
    const target = this.#target;
    const { length } = text;
    let at = this.#at;
    if (length >= MIN_COPIED) {
      if (length <= MAX_COPIED) this.#copiedText(text);
      else this.#otherText(text);
      return;
    }
    target[at] = QUOTE;
    at += 1;
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit >= SPACE && unit < FIRST_NON_ASCII && unit !== QUOTE && unit !== BACKSLASH) {
        target[at] = unit;
        at += 1;
      } else if (unit === QUOTE || unit === BACKSLASH) {
        target[at] = BACKSLASH;
        target[at + 1] = unit;
        at += 2;
      } else {
        this.#otherText(text);
        return;
      }
    }
    target[at] = QUOTE;
    this.#at = at + 1;
  }

  /** Longer text: its bytes at once, and from there into the batch, escaped. */
  #copiedText(text: string): void {
    const { length } = text;
    const most = length * MAX_ESCAPED_BYTES + 2;
    if (this.#at + most > this.#target.length) {
      // Too little room if all of it needs escapes: the value is written again with that much.
      this.#at += most;
      return;
    }
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(length * 2);
    // As many bytes as units: ASCII.
    if (Buffer.byteLength(text, 'utf8') !== length) {
      this.#otherText(text);
      return;
    }
    this.#scratch.write(text, 0, 'latin1');
    this.#escaper.from(this.#scratch);
    this.#escaper.to(this.#target);
    this.#target[this.#at] = QUOTE;
    const end = this.#escaper.copy(this.#at + 1, 0, length);
    this.#target[end] = QUOTE;
    this.#at = end + 1;
  }

  /** Text beyond ASCII, very long text, or short text with control characters (a lone surrogate becomes an escape, as JSON.stringify has it). */
  #otherText(text: string): void {
    const json = JSON.stringify(text);
    if (this.#at < this.#target.length) this.#target.write(json, this.#at, 'utf8');
    this.#at += Buffer.byteLength(json, 'utf8');
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= MAX_SHORT_INTEGER) {
      const text = Number.isFinite(value) ? String(value) : 'null';
      for (let i = 0; i < text.length; i += 1) this.#target[this.#at + i] = text.charCodeAt(i);
      this.#at += text.length;
      return;
    }
    let digits = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits += 1;
    this.#at += digits;
    let rest = value;
    for (let at = this.#at - 1; digits > 0; at -= 1, digits -= 1) {
      const next = (rest / 10) | 0;
      this.#target[at] = ZERO + rest - next * 10;
      rest = next;
    }
  }

  #bytes(bytes: Buffer): void {
    const target = this.#target;
    const at = this.#at;
    for (let i = 0; i < bytes.length; i += 1) target[at + i] = bytes[i] as number;
    this.#at = at + bytes.length;
  }

  /** `,"name":` */
  #nameOf(name: string): Buffer {
    const place = this.#place;
    this.#place = place + 1;
    const expected = this.#order[place];
    if (expected !== undefined && expected.name === name) return expected.bytes;
    const bytes = this.#lookUp(name);
    if (place < MAX_ORDER) this.#order[place] = { name, bytes };
    return bytes;
  }

  #lookUp(name: string): Buffer {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      bytes = Buffer.from(`,${JSON.stringify(name)}:`, 'utf8');
      if (this.#names.size < MAX_NAMES) this.#names.set(name, bytes);
    }
    return bytes;
  }
}
