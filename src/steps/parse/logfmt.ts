import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { parsePath, setField, setOwn } from '../../record/path.ts';
import { ParseFailure } from './parser.ts';

const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const BACKSLASH = 92;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** More keys than this are no log line; the bound keeps one record's work finite. */
const MAX_KEYS = 10_000;

/**
 * Reads logfmt: `level=info msg="all is well" http.status=200 cached`. There is no standard; this is what Go's
 * `go-logfmt` writes. Values stay texts, for the format has no types (`007` is no number). A key without `=` is `true`.
 * Dots in keys nest. The last of equal keys wins. A line without any `key=value` is prose, and a failure.
 */
export function parseLogfmt(text: string): JsonObject | ParseFailure {
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
      put(fields, key, true);
      continue;
    }
    pairs += 1;
    const quoted = text.charCodeAt(at) === QUOTE;
    const valueEnd = quoted ? endOfQuoted(text, at + 1) : endOfBare(text, at);
    if (valueEnd < 0) return new ParseFailure(`the quote at column ${at + 1} does not end`);
    put(fields, key, quoted ? unescapeText(text.slice(at + 1, valueEnd)) : text.slice(at, valueEnd));
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

/** The place of the quote that ends the text begun at `at`, or -1. */
function endOfQuoted(text: string, at: number): number {
  for (let end = at; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end;
    if (code === BACKSLASH) end += 1;
  }
  return -1;
}

function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_whole, hex: string | undefined, one: string | undefined) =>
    hex === undefined ? (ESCAPES[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Puts a value at a dotted key. A key that cannot nest, by its name or because a scalar is in its way, stays whole. */
function put(fields: JsonObject, key: string, value: JsonValue): void {
  const path = key.includes('.') ? parsePath(key) : undefined;
  if (path === undefined || !isFree(fields, path)) setOwn(fields, key, value);
  else setField(fields, path, value);
}

function isFree(fields: JsonObject, path: readonly string[]): boolean {
  let here: JsonObject = fields;
  for (let i = 0; i < path.length - 1; i += 1) {
    const level = path[i] as string;
    if (!Object.hasOwn(here, level)) return true;
    const next = here[level];
    if (!isJsonObject(next)) return false;
    here = next;
  }
  return true;
}
