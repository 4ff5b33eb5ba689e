import { isIPv4, isIPv6 } from 'node:net';
import { type Detector, isAlphanumericAt, isDigit } from './detector.ts';

const DOT = 46;
const COLON = 58;
/** The longest way of writing each: `255.255.255.255`, and an IPv6 address whose end is written as an IPv4 address. */
const LONGEST_IPV4 = 15;
const LONGEST_IPV6 = 45;
/** What every address has: most texts do not, and a regular expression sees that fastest. */
const HAS_DOTTED_NUMBERS = /\d\.\d{1,3}\.\d{1,3}\.\d/;
const HAS_TWO_COLONS = /:[0-9a-fA-F]{0,4}:/;

/** Finds IPv4 addresses: four numbers of 0 to 255 that are no piece of a longer number with dots. */
export const ipv4: Detector = (text, report) => {
  if (!HAS_DOTTED_NUMBERS.test(text)) return;
  let at = 0;
  while (at < text.length) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    let end = at;
    while (isDigit(text.charCodeAt(end)) || (text.charCodeAt(end) === DOT && isDigit(text.charCodeAt(end + 1)))) end += 1;
    const alone = !isAlphanumericAt(text, at - 1) && !isAlphanumericAt(text, end);
    if (alone && end - at <= LONGEST_IPV4 && isIPv4(text.slice(at, end))) report(at, end);
    at = end;
  }
};

/** Finds IPv6 addresses in all their forms, `::1` and `::ffff:10.1.2.3` too. */
export const ipv6: Detector = (text, report) => {
  if (!HAS_TWO_COLONS.test(text)) return;
  let done = 0;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', Math.max(colon + 1, done))) {
    let start = colon;
    while (start > done && isHex(text.charCodeAt(start - 1))) start -= 1;
    let end = colon;
    while (end < text.length && isPart(text.charCodeAt(end))) end += 1;
    done = end;
    const length = addressLength(text, start, end);
    if (length > 0) report(start, start + length);
  }
};

/** How much of the text between `start` and `end`, which has colons, is an address: it may end with a sentence's dot or colon. */
function addressLength(text: string, start: number, end: number): number {
  if (end - start < 3 || end - start > LONGEST_IPV6 + 1 || isAlphanumericAt(text, start - 1) || isAlphanumericAt(text, end))
    return 0;
  const whole = text.slice(start, end);
  if (isIPv6(whole)) return whole.length;
  const last = whole.charCodeAt(whole.length - 1);
  return (last === COLON || last === DOT) && isIPv6(whole.slice(0, -1)) ? whole.length - 1 : 0;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

function isPart(code: number): boolean {
  return isHex(code) || code === COLON || code === DOT;
}
