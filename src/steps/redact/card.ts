import { type Detector, isAlphanumericAt, isDigit, ZERO } from './detector.ts';

const SHORTEST = 12;
const LONGEST = 19;

/**
 * Beginnings of card numbers with the lengths that belong to them (ISO/IEC 7812; the ranges that the schemes publish):
 * `[first, last, ...lengths]`, the beginnings with as many digits as they need. A number that no scheme gives out is
 * none, which spares most order numbers and times that pass the Luhn check by chance.
 */
const RANGES: readonly (readonly [first: number, last: number, lengths: readonly number[]])[] = [
  [4, 4, [13, 16, 19]],
  [51, 55, [16]],
  [2221, 2720, [16]],
  [34, 34, [15]],
  [37, 37, [15]],
  [6011, 6011, [16, 17, 18, 19]],
  [644, 649, [16, 17, 18, 19]],
  [65, 65, [16, 17, 18, 19]],
  [3528, 3589, [16, 17, 18, 19]],
  [300, 305, [14, 15, 16, 17, 18, 19]],
  [36, 36, [14, 15, 16, 17, 18, 19]],
  [38, 39, [14, 15, 16, 17, 18, 19]],
  [62, 62, [16, 17, 18, 19]],
  [50, 50, [12, 13, 14, 15, 16, 17, 18, 19]],
  [56, 58, [12, 13, 14, 15, 16, 17, 18, 19]],
  [60, 60, [12, 13, 14, 15, 16, 17, 18, 19]],
  [61, 61, [12, 13, 14, 15, 16, 17, 18, 19]],
  [63, 63, [12, 13, 14, 15, 16, 17, 18, 19]],
  [66, 69, [12, 13, 14, 15, 16, 17, 18, 19]],
  [2200, 2204, [16, 17, 18, 19]],
];

/**
 * Finds the numbers of payment cards: 12 to 19 digits, alone or in groups with single blanks or hyphens between, that
 * begin as a scheme's do and pass the Luhn check (ISO/IEC 7812-1, annex B).
 */
export const card: Detector = (text, report) => {
  let at = 0;
  while (at < text.length) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    // Digits that follow a letter or another digit are a piece of something else.
    const end = isAlphanumericAt(text, at - 1) ? -1 : cardAt(text, at);
    if (end > 0) {
      report(at, end);
      at = end;
    } else {
      while (isDigit(text.charCodeAt(at))) at += 1;
    }
  }
};

/** Digits of the number at work. One serves all texts. */
const digits = new Uint8Array(LONGEST);

/** Where the card number that begins at `start` ends, or -1. The longest counts. */
function cardAt(text: string, start: number): number {
  let count = 0;
  let found = -1;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      if (count === LONGEST) return found;
      digits[count] = code - ZERO;
      count += 1;
      at += 1;
      if (count >= SHORTEST && !isAlphanumericAt(text, at) && isCard(count)) found = at;
    } else {
      if ((code !== 32 && code !== 45) || !isDigit(text.charCodeAt(at + 1))) return found;
      at += 1;
    }
  }
}

/** Whether the first `count` of the digits are a card number. */
function isCard(count: number): boolean {
  return hasIssuer(count) && passesLuhn(count);
}

function hasIssuer(count: number): boolean {
  const four = numberOf(4);
  for (const [first, last, lengths] of RANGES) {
    const beginning = Math.floor(four / (first > 999 ? 1 : first > 99 ? 10 : first > 9 ? 100 : 1000));
    if (beginning >= first && beginning <= last && lengths.includes(count)) return true;
  }
  return false;
}

function numberOf(count: number): number {
  let number = 0;
  for (let i = 0; i < count; i += 1) number = number * 10 + (digits[i] as number);
  return number;
}

function passesLuhn(count: number): boolean {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const digit = digits[count - 1 - i] as number;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
