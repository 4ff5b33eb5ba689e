import { type Detector, isAlphanumericAt, isDigit } from './detector.ts';

const DOT = 46;
const HYPHEN = 45;
/** The longest local part and name that mail servers take (RFC 5321, section 4.5.3.1). */
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 255;
/** What may stand in a local part beside letters, digits and dots (RFC 5322, `atext`), without what quotes and URLs use. */
const LOCAL = new Set([...'+-_%~#*&^'].map((character) => character.charCodeAt(0)));
const FIRST_NOT_ASCII = 128;
const LETTER = /[\p{L}\p{N}\p{M}]/u;

/** Finds e-mail addresses, also of names in other scripts: a local part, an @, and a host of at least two labels. */
export const email: Detector = (text, report) => {
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = localStart(text, at, done);
    const end = start < at ? domainEnd(text, at + 1) : -1;
    if (end < 0) continue;
    report(start, end);
    done = end;
  }
};

/** Where the local part before the @ begins; no earlier than `from`. */
function localStart(text: string, at: number, from: number): number {
  const earliest = Math.max(from, at - LONGEST_LOCAL);
  let start = at;
  while (start > earliest && isLocal(text, start - 1)) start -= 1;
  while (start < at && text.charCodeAt(start) === DOT) start += 1;
  return text.charCodeAt(at - 1) === DOT ? at : start;
}

function isLocal(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isAlphanumericAt(text, at) || code === DOT || LOCAL.has(code) || isOtherLetter(text, at);
}

/** Where the host that begins at `start` ends, or -1 where it is none of two labels and more, the last no number. */
function domainEnd(text: string, start: number): number {
  const latest = Math.min(text.length, start + LONGEST_DOMAIN);
  let end = -1;
  let label = start;
  for (let at = start; at <= latest; at += 1) {
    const code = at === latest ? DOT : text.charCodeAt(at);
    if (at < latest && (code === HYPHEN || isAlphanumericAt(text, at) || isOtherLetter(text, at))) continue;
    if (at === label) return end;
    if (label > start && !isNumber(text, label, at)) end = withoutHyphens(text, at);
    if (code !== DOT) return end;
    label = at + 1;
  }
  return end;
}

/** A letter or digit of another script than Latin. */
function isOtherLetter(text: string, at: number): boolean {
  return text.charCodeAt(at) >= FIRST_NOT_ASCII && LETTER.test(text.charAt(at));
}

function isNumber(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

function withoutHyphens(text: string, end: number): number {
  let last = end;
  while (text.charCodeAt(last - 1) === HYPHEN) last -= 1;
  return last;
}
