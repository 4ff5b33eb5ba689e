const QUOTE = 34;
const BACKSLASH = 92;

/** The place of the quote that ends the text begun at `start`, or -1. A character after a backslash is inside. */
export function closingQuote(text: string, start: number, quote = QUOTE): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === BACKSLASH) at += 1;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const ESCAPED = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g;

/** Takes back the escapes that Go's and JSON's quoting write. A backslash before any other character is dropped. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(ESCAPED, (_whole, unicode: string | undefined, byte: string | undefined, one: string | undefined) => {
    const hex = unicode ?? byte;
    return hex === undefined ? (ESCAPES[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(hex, 16));
  });
}
