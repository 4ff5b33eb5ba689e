/**
 * A rough reading of expressions, for where the parser cannot be asked: which characters are brackets, and which stand
 * in texts, patterns and comments.
 */

/** What may stand before a regular expression: an operator, a bracket or a comma, or nothing; after a value `/` divides. */
const BEFORE_PATTERN = /[(,=:[!&|?{;+\-*%<>~^\n]\s*$|^\s*$/;

/** The end of the text, pattern or comment that begins at `at`, or `undefined` where none begins there. */
function skipOpaque(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === "'" || sign === '"') return endOfQuoted(text, at, sign);
  if (sign !== '/') return undefined;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  if (!BEFORE_PATTERN.test(text.slice(Math.max(0, at - 20), at))) return undefined;
  return endOfPattern(text, at);
}

/** Where the quoted text ends; at the end of the line where its quote is never closed. */
function endOfQuoted(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === quote) return i + 1;
    else if (text[i] === '\n') return i;
  }
  return text.length;
}

/** Where the pattern ends; a line end before its slash means that it is none. */
function endOfPattern(text: string, at: number): number | undefined {
  let inClass = false;
  for (let i = at + 1; i < text.length; i += 1) {
    const sign = text[i];
    if (sign === '\n') return undefined;
    if (sign === '\\') i += 1;
    else if (sign === '[') inClass = true;
    else if (sign === ']') inClass = false;
    else if (sign === '/' && !inClass) return i + 1;
  }
  return undefined;
}

/** Where the `}}` stands that closes the template expression at the start of `text`; `undefined` where none does. */
export function closingBraces(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const skipped = skipOpaque(text, at);
    if (skipped !== undefined && skipped > at) {
      at = skipped;
      continue;
    }
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') {
      if (depth === 0 && text[at + 1] === '}') return at;
      depth = Math.max(0, depth - 1);
    }
    at += 1;
  }
  // A quote that is never closed hides the braces: then the first ones are meant.
  const plain = text.indexOf('}}');
  return plain < 0 ? undefined : plain;
}

/** Where the statement that begins at `from` ends: at the end of the line on which its last bracket is closed. */
export function statementEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const skipped = skipOpaque(text, at);
    if (skipped !== undefined && skipped > at) {
      at = skipped;
      continue;
    }
    const sign = text[at] as string;
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth = Math.max(0, depth - 1);
    else if (sign === '\n' && depth === 0) return at;
    at += 1;
  }
  return text.length;
}
