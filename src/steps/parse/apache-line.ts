const SPACE = 32;
const QUOTE = 34;
const DASH = 45;
const BACKSLASH = 92;

/** Numbers of more digits are no longer exact. */
const MAX_DIGITS = 15;

/** What {@link ApacheLine.number} and {@link ApacheLine.quoted} say where the line does not go on as it should. */
export const MALFORMED = -2;
/** What {@link ApacheLine.number} says of a `-`. */
export const NONE = -1;

/** The methods that lines begin with nearly always: found without making a new text each time. */
const METHODS = ['GET ', 'POST ', 'HEAD ', 'PUT ', 'DELETE ', 'OPTIONS ', 'PATCH ', 'CONNECT ', 'PROPFIND '];
const METHOD_NAMES = METHODS.map((method) => method.trimEnd());
const VERSIONS = ['1.1', '1.0', '2.0', '3.0', '2', '3', '0.9'];

const WORD = /^\w+$/;
const VERSION = /^\d+(?:\.\d+)?$/;

/** A cursor over an access-log line. One serves all lines of a parser, so that reading one makes no object of its own. */
export class ApacheLine {
  text = '';
  /** Where the next field begins. */
  at = 0;
  /** What {@link readRequest} found; `undefined` where the request has no such part. */
  method: string | undefined;
  url: string | undefined;
  version: string | undefined;
  /** {@link NONE} where the line says `-`. */
  status = NONE;
  bytes = NONE;
  referrer: string | undefined;
  agent: string | undefined;

  /** A number after which a space or the end comes; {@link NONE} for `-`, {@link MALFORMED} for anything else. */
  number(): number {
    const { text } = this;
    const start = this.at;
    if (text.charCodeAt(start) === DASH) {
      this.at = start + 1;
      return this.#atBoundary() ? NONE : MALFORMED;
    }
    let value = 0;
    let at = start;
    for (; ; at += 1) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    this.at = at;
    const digits = at - start;
    return digits > 0 && digits <= MAX_DIGITS && this.#atBoundary() ? value : MALFORMED;
  }

  #atBoundary(): boolean {
    return this.at >= this.text.length || this.text.charCodeAt(this.at) === SPACE;
  }

  /** Where the quoted text that begins at `at` (after its quote) ends, or -1. A quote after a backslash is inside. */
  closingQuote(start: number): number {
    const { text } = this;
    let at = text.indexOf('"', start);
    while (at > start && text.charCodeAt(at - 1) === BACKSLASH && this.#isEscaped(start, at)) at = text.indexOf('"', at + 1);
    return at;
  }

  /** Whether an odd number of backslashes stands before `at`. */
  #isEscaped(start: number, at: number): boolean {
    let first = at;
    while (first > start && this.text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    return (at - first) % 2 === 1;
  }

  /** A quoted text, unescaped; `undefined` for `"-"`, `""` and a bare `-`; {@link MALFORMED} where there is none. */
  quoted(): string | undefined | typeof MALFORMED {
    const { text } = this;
    const start = this.at + 1;
    if (text.charCodeAt(start - 1) !== QUOTE) return this.number() === NONE ? undefined : MALFORMED;
    const end = this.closingQuote(start);
    if (end < 0) return MALFORMED;
    this.at = end + 1;
    if (end === start || (end === start + 1 && text.charCodeAt(start) === DASH)) return undefined;
    return unescapeQuoted(text.slice(start, end));
  }

  /** Splits the request between `start` and `end` into method, URL and version. One that is no HTTP request has none. */
  readRequest(start: number, end: number): void {
    this.method = undefined;
    this.url = undefined;
    this.version = undefined;
    const { text } = this;
    const methodEnd = text.indexOf(' ', start);
    if (methodEnd <= start || methodEnd >= end) return;
    const method = methodAt(text, start, methodEnd);
    if (method === undefined) return;
    const protocol = text.lastIndexOf(' ', end - 1);
    if (text.startsWith('HTTP/', protocol + 1) && protocol > methodEnd) {
      const version = versionAt(text, protocol + 6, end);
      if (version === undefined) return;
      this.version = version;
      this.url = unescapeQuoted(text.slice(methodEnd + 1, protocol));
      this.method = method;
    } else if (protocol === methodEnd && methodEnd + 1 < end) {
      this.url = unescapeQuoted(text.slice(methodEnd + 1, end));
      this.method = method;
    }
  }
}

function methodAt(text: string, start: number, end: number): string | undefined {
  for (let i = 0; i < METHODS.length; i += 1) {
    if (text.startsWith(METHODS[i] as string, start)) return METHOD_NAMES[i];
  }
  const method = text.slice(start, end);
  return WORD.test(method) ? method : undefined;
}

function versionAt(text: string, start: number, end: number): string | undefined {
  for (const version of VERSIONS) {
    if (end - start === version.length && text.startsWith(version, start)) return version;
  }
  const version = text.slice(start, end);
  return VERSION.test(version) ? version : undefined;
}

/**
 * Takes back the two escapes that quoting itself needs, `\"` and `\\`. Others (`\x16`) stay as the server wrote them:
 * they stand for bytes that may be no text.
 */
function unescapeQuoted(text: string): string {
  return text.indexOf('\\') < 0 ? text : text.replaceAll(/\\(["\\])/g, '$1');
}
