const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Called for each member of an object: its name, and where its value begins. */
export type OnMember = (name: string, valueAt: number) => void;

/**
 * Walks the members of the JSON object in `bytes` from `start` to `end` without parsing their values, so that what is
 * not looked at stays as it is, byte by byte. Returns where the object's first member (or its end) is; -1 where it is
 * no object. What is wrong within values is not noticed.
 */
export function walkMembers(bytes: Buffer, start: number, end: number, onMember: OnMember): number {
  let at = skipSpace(bytes, start, end);
  if (at >= end || bytes[at] !== OPEN_BRACE) return -1;
  const first = at + 1;
  at = skipSpace(bytes, first, end);
  if (bytes[at] === CLOSE_BRACE && at < end) return first;
  while (at < end) {
    if (bytes[at] !== QUOTE) return -1;
    const after = skipText(bytes, at, end);
    const colon = skipSpace(bytes, after, end);
    if (colon >= end || bytes[colon] !== COLON) return -1;
    const value = skipSpace(bytes, colon + 1, end);
    const name = nameOf(bytes, at, after);
    if (name === undefined) return -1;
    onMember(name, value);
    at = skipSpace(bytes, skipValue(bytes, value, end), end);
    if (at >= end) return -1;
    if (bytes[at] === CLOSE_BRACE) return first;
    if (bytes[at] !== COMMA) return -1;
    at = skipSpace(bytes, at + 1, end);
  }
  return -1;
}

/** Whether the object whose first byte behind the brace is at `at` has no members. */
export function isEmptyFrom(bytes: Buffer, at: number, end: number): boolean {
  return bytes[skipSpace(bytes, at, end)] === CLOSE_BRACE;
}

function nameOf(bytes: Buffer, quote: number, after: number): string | undefined {
  const text = bytes.toString('utf8', quote + 1, after - 1);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) break;
    at += 1;
  }
  return at;
}

/** Behind the text whose quote is at `from`. */
function skipText(bytes: Buffer, from: number, end: number): number {
  for (let at = from + 1; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return end;
}

/** Behind the value that begins at `from`. */
function skipValue(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  let at = from;
  while (at < end) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipText(bytes, at, end);
      if (depth === 0) return at;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (byte === COMMA && depth === 0) return at;
    at += 1;
  }
  return end;
}
