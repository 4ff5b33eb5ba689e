/** Tests of bytes of JSON texts, one at a time and four at once. */

/** Repeats one byte four times. */
const fourTimes = (byte: number): number => byte * 0x01010101;
const ONES = fourTimes(0x01);
const HIGH_BITS = fourTimes(0x80);
const SPACES = fourTimes(0x20);
const QUOTES = fourTimes(0x22);
const BACKSLASHES = fourTimes(0x5c);

/** By byte: 0 where it is plain, that is ASCII which stands in a JSON text as it is. */
export const NOT_PLAIN: Uint8Array = notPlainTable();

/**
 * Not 0 where one of the four bytes of a word needs an escape in a JSON text: control characters, quotes, backslashes. By the borrow
 * trick: a high bit is set where a byte is below a space, or became zero. It may also be set above such a byte.
 */
export function needsEscape(word: number): number {
  const quote = word ^ QUOTES;
  const backslash = word ^ BACKSLASHES;
  return (((word - SPACES) & ~word) | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash)) & HIGH_BITS;
}

/** Not 0 where one of the four bytes of a word is not plain: it needs an escape, or is beyond ASCII. */
export function notPlain(word: number): number {
  return needsEscape(word) | (word & HIGH_BITS);
}

function notPlainTable(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(1, 0, 0x20);
  table.fill(1, 0x80);
  table[0x22] = 1;
  table[0x5c] = 1;
  return table;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
