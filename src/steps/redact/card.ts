import { type Detector, isAlphanumericAt, isDigit, ZERO } from './detector.ts';

const LONGEST = 19;
/** Digits that tell the issuer. */
const BEGINNING = 4;
/** What every card number has, the shortest of 12 digits too: most texts do not, and a regular expression sees that fastest. */
const ENOUGH_DIGITS = /\d(?:[ -]?\d){11}/;

const between = (shortest: number, longest: number): number[] =>
  Array.from({ length: longest - shortest + 1 }, (_, i) => shortest + i);

/**
 * Beginnings of card numbers with the lengths that belong to them (ISO/IEC 7812; the ranges that the schemes publish). A
 * number that no scheme gives out is none, which spares most order numbers and times that pass the Luhn check by chance.
 */
const ISSUERS: readonly (readonly [first: string, last: string, lengths: readonly number[]])[] = [
  ['2200', '2204', between(16, 19)],
  ['2221', '2720', [16]],
  ['300', '305', between(14, 19)],
  ['34', '34', [15]],
  ['3528', '3589', between(16, 19)],
  ['36', '36', between(14, 19)],
  ['37', '37', [15]],
  ['38', '39', between(14, 19)],
  ['4', '4', [13, 16, 19]],
  ['50', '50', between(12, 19)],
  ['51', '55', [16]],
  ['56', '58', between(12, 19)],
  ['60', '61', between(12, 19)],
  ['62', '62', between(16, 19)],
  ['63', '63', between(12, 19)],
  ['644', '659', between(16, 19)],
  ['66', '69', between(12, 19)],
];

/** For each beginning of four digits, its lengths as bits: bit 16 for a length of 16. */
const lengthsByBeginning = new Uint32Array(10_000);
for (const [first, last, lengths] of ISSUERS) {
  const bits = lengths.reduce((all, length) => all | (1 << length), 0);
  lengthsByBeginning.fill(bits, Number(first.padEnd(4, '0')), Number(last.padEnd(4, '9')) + 1);
}

/**
 * Finds the numbers of payment cards: 12 to 19 digits, alone or in groups with single blanks or hyphens between, that
 * begin as a scheme's do and pass the Luhn check (ISO/IEC 7812-1, annex B).
 */
export const card: Detector = (text, report) => {
  if (!ENOUGH_DIGITS.test(text)) return;
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
  let beginning = 0;
  let lengths = 0;
  let found = -1;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      if (count === LONGEST) return found;
      digits[count] = code - ZERO;
      count += 1;
      at += 1;
      if (count <= BEGINNING) beginning = beginning * 10 + code - ZERO;
      if (count === BEGINNING) lengths = lengthsByBeginning[beginning] as number;
      if (count === BEGINNING && lengths === 0) return -1;
      if (((lengths >> count) & 1) === 1 && !isAlphanumericAt(text, at) && passesLuhn(count)) found = at;
    } else {
      if ((code !== 32 && code !== 45) || !isDigit(text.charCodeAt(at + 1))) return found;
      at += 1;
    }
  }
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
