import { type Detector, isAlphanumericAt, isDigit } from './detector.ts';

/** The length of each country's account numbers (SWIFT's IBAN registry, ISO 13616): country and length, one after the other. */
const REGISTRY =
  'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30';

const LENGTHS: ReadonlyMap<string, number> = new Map(
  [...REGISTRY.matchAll(/([A-Z]{2})(\d\d)/g)].map(([, country, length]) => [country as string, Number(length)]),
);

/** How every IBAN begins: most texts have no such place, and a regular expression sees that fastest. */
const HAS_BEGINNING = /[A-Z]{2}\d\d/;

/** Finds IBANs, whole or in groups with single blanks between, of the right length and with the right check digits. */
export const iban: Detector = (text, report) => {
  if (!HAS_BEGINNING.test(text)) return;
  let at = 0;
  while (at < text.length - 3) {
    if (!isUpper(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const end = isAlphanumericAt(text, at - 1) ? -1 : ibanEnd(text, at);
    if (end > 0) report(at, end);
    at = end > 0 ? end : at + 1;
  }
};

/** Where the IBAN that begins at `start` ends, or -1. */
function ibanEnd(text: string, start: number): number {
  if (!isUpper(text.charCodeAt(start + 1)) || !isDigit(text.charCodeAt(start + 2)) || !isDigit(text.charCodeAt(start + 3)))
    return -1;
  const length = LENGTHS.get(text.slice(start, start + 2));
  if (length === undefined) return -1;
  let count = 0;
  let rest = 0;
  let at = start;
  for (; count < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 32 && count > 0 && text.charCodeAt(at - 1) !== 32) continue;
    const value = characterValue(code);
    if (value < 0) return -1;
    if (count >= 4) rest = appended(rest, value);
    count += 1;
  }
  if (isAlphanumericAt(text, at)) return -1;
  // The country and the check digits stand at the end of the number that must be 1 modulo 97 (ISO 7064).
  for (let i = start; i < start + 4; i += 1) rest = appended(rest, characterValue(text.charCodeAt(i)));
  return rest === 1 ? at : -1;
}

/** The remainder modulo 97 of a number to which a digit, or a letter as two digits, is appended. */
function appended(rest: number, value: number): number {
  return (rest * (value > 9 ? 100 : 10) + value) % 97;
}

/** A digit's value, a letter's (A is 10), or -1. */
function characterValue(code: number): number {
  if (isDigit(code)) return code - 48;
  return isUpper(code) ? code - 55 : -1;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}
