import type { JsonObject } from '../../record/json.ts';
import { putDotted } from './dotted-key.ts';
import { ParseFailure } from './parser.ts';
import { closingQuote, unescapeText } from './quoted-text.ts';

const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;

const NO_FIRST_PAIR = new ParseFailure('it does not begin with key=value');

/** More keys than this are no log line; the bound keeps one record's work finite. */
const MAX_KEYS = 10_000;

/**
 * Reads logfmt: `level=info msg="all is well" http.status=200 cached`. There is no standard; this is what Go's
 * `go-logfmt` writes. Values stay texts, for the format has no types (`007` is no number). A key without `=` is `true`.
 * Dots in keys nest. The last of equal keys wins. A line without any `key=value` is prose, and a failure.
 */
export function parseLogfmt(text: string): JsonObject | ParseFailure {
  return read(text, false);
}

/** As {@link parseLogfmt}, for a text that may be of another format: it must begin with a `key=value`. */
export function parseSureLogfmt(text: string): JsonObject | ParseFailure {
  return read(text, true);
}

function read(text: string, sure: boolean): JsonObject | ParseFailure {
  const fields: JsonObject = {};
  const end = text.length;
  let at = 0;
  let keys = 0;
  let pairs = 0;
  for (;;) {
    while (at < end && text.charCodeAt(at) <= SPACE) at += 1;
    if (at >= end) break;
    keys += 1;
    if (keys > MAX_KEYS) return new ParseFailure(`it has more than ${MAX_KEYS} keys`);
    const keyEnd = endOfKey(text, at);
    if (keyEnd === at) return new ParseFailure(`at column ${at + 1} a key is expected`);
    const key = text.slice(at, keyEnd);
    at = keyEnd + 1;
    if (text.charCodeAt(keyEnd) !== EQUALS) {
      if (sure && pairs === 0) return NO_FIRST_PAIR;
      putDotted(fields, key, true);
      continue;
    }
    pairs += 1;
    const quoted = text.charCodeAt(at) === QUOTE;
    const valueEnd = quoted ? closingQuote(text, at + 1) : endOfBare(text, at);
    if (valueEnd < 0) return new ParseFailure(`the quote at column ${at + 1} does not end`);
    putDotted(fields, key, quoted ? unescapeText(text.slice(at + 1, valueEnd)) : text.slice(at, valueEnd));
    at = quoted ? valueEnd + 1 : valueEnd;
  }
  return pairs > 0 ? fields : new ParseFailure('it has no key=value');
}

/** Where the key that begins at `at` ends: at a blank, an equals sign, a quote, or the end. */
function endOfKey(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code <= SPACE || code === EQUALS || code === QUOTE) break;
  }
  return end;
}

function endOfBare(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) > SPACE) end += 1;
  return end;
}
