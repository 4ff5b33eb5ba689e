import type { Scalar } from 'yaml';

/**
 * Finds, for every character of a scalar's value, where it stands in the file. Values differ from the text by escapes,
 * folded lines and indentation; the rules are those of YAML 1.2, chapters 7.3 and 8.1.
 */
export function scalarOffsets(text: string, node: Scalar, value: string): (index: number) => number {
  const [start, end] = node.range ?? [0, 0];
  let decoded: Decoded | undefined;
  return (index) => {
    decoded ??= decode(text, value, { start, end, type: node.type });
    // What was decoded here must be what the parser read; where it is not, the scalar's start is all that is certain.
    if (decoded.text.slice(0, value.length) !== value) return start;
    return decoded.offsets[Math.min(index, value.length)] ?? end;
  };
}

interface Extent {
  readonly start: number;
  readonly end: number;
  readonly type: string | undefined;
}

function decode(text: string, value: string, { start, end, type }: Extent): Decoded {
  switch (type) {
    case 'QUOTE_SINGLE':
      return decodeFlow(text, { from: start + 1, to: end - 1, quote: "'" });
    case 'QUOTE_DOUBLE':
      return decodeFlow(text, { from: start + 1, to: end - 1, quote: '"' });
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return decodeBlock(text, value, { start, end, folded: type === 'BLOCK_FOLDED' });
    default:
      return decodeFlow(text, { from: start, to: end, quote: '' });
  }
}

class Decoded {
  text = '';
  readonly offsets: number[] = [];

  push(characters: string, offset: number): void {
    for (let i = 0; i < characters.length; i += 1) this.offsets.push(offset);
    this.text += characters;
  }

  /** Takes back blanks at the end, down to length `keep`. */
  trimEnd(keep: number): void {
    let length = this.text.length;
    while (length > keep && (this.text[length - 1] === ' ' || this.text[length - 1] === '\t')) length -= 1;
    this.text = this.text.slice(0, length);
    this.offsets.length = length;
  }
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function decodeFlow(text: string, { from, to, quote }: { from: number; to: number; quote: string }): Decoded {
  const out = new Decoded();
  let kept = 0; // Blanks written as escapes are not trimmed at a line's end.
  let i = from;
  while (i < to) {
    const character = text[i] as string;
    if (character === '\n' || (character === '\r' && text[i + 1] === '\n')) {
      out.trimEnd(kept);
      i = foldLine(out, text, { at: i, to });
      kept = out.text.length;
    } else if (quote === "'" && character === "'") {
      out.push("'", i);
      i += 2;
    } else if (quote === '"' && character === '\\') {
      i = decodeEscape(out, text, { at: i, to });
      kept = out.text.length;
    } else {
      out.push(character, i);
      i += 1;
    }
  }
  out.offsets.push(to);
  return out;
}

/** One line break is a space, more are one fewer; blanks around them are gone. */
function foldLine(out: Decoded, text: string, { at, to }: { at: number; to: number }): number {
  let breaks = 0;
  let i = at;
  for (; i < to && /\s/.test(text[i] as string); i += 1) if (text[i] === '\n') breaks += 1;
  out.push(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at);
  return i;
}

function decodeEscape(out: Decoded, text: string, { at, to }: { at: number; to: number }): number {
  const letter = text[at + 1] ?? '';
  const digits = HEX_ESCAPES[letter];
  if (digits !== undefined) {
    const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
    out.push(code <= 0x10ffff ? String.fromCodePoint(code) : '', at);
    return at + 2 + digits;
  }
  const newline = letter === '\r' ? text[at + 2] : letter;
  if (newline !== '\n') {
    out.push(SIMPLE_ESCAPES[letter] ?? '', at);
    return at + 2;
  }
  let i = at + (letter === '\r' ? 3 : 2);
  while (i < to && (text[i] === ' ' || text[i] === '\t')) i += 1;
  return i;
}

interface Line {
  readonly start: number;
  readonly text: string;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly folded: boolean;
}

function decodeBlock(text: string, value: string, { start, end, folded }: Block): Decoded {
  const headerEnd = text.indexOf('\n', start);
  if (headerEnd === -1) return new Decoded();
  const lines = linesOf(text, headerEnd + 1, end);
  const first = lines.find((line) => /[^ ]/.test(line.text))?.text ?? '';
  const leading = /^ */.exec(first)?.[0].length ?? 0;
  // The indentation is that of the first line with text, unless the header says (relative to the parent) that it is less.
  const least = /[1-9]/.test(text.slice(start, headerEnd).replace(/#.*/, '')) ? 0 : leading;
  let decoded = decodeLines(lines, leading, { start, end, folded });
  for (let indent = leading - 1; indent >= least && !decoded.text.startsWith(value); indent -= 1)
    decoded = decodeLines(lines, indent, { start, end, folded });
  return decoded;
}

function decodeLines(lines: readonly Line[], indent: number, { end, folded }: Block): Decoded {
  const out = new Decoded();
  let previous: Line | undefined;
  let breaks: number[] = [];
  for (const line of lines) {
    const content = { start: line.start + Math.min(indent, line.text.length), text: line.text.slice(indent) };
    if (content.text !== '') {
      for (const [character, offset] of breaksBefore(content, { previous, breaks, folded })) out.push(character, offset);
      for (let i = 0; i < content.text.length; i += 1) out.push(content.text[i] as string, content.start + i);
      previous = content;
      breaks = [];
    }
    breaks.push(line.start + line.text.length);
  }
  for (const offset of breaks) out.push('\n', offset);
  out.offsets.push(end);
  return out;
}

interface Before {
  readonly previous: Line | undefined;
  /** Where the line breaks between the two lines stand. */
  readonly breaks: readonly number[];
  readonly folded: boolean;
}

/**
 * A literal keeps its line breaks. Folding makes a space of a single one and takes one away of several, except beside
 * lines that are indented further.
 */
function breaksBefore(line: Line, { previous, breaks, folded }: Before): [string, number][] {
  const indented = (each: Line): boolean => /^[ \t]/.test(each.text);
  const kept = breaks.map((offset): [string, number] => ['\n', offset]);
  if (!folded || previous === undefined || indented(line) || indented(previous)) return kept;
  return kept.length === 1 ? [[' ', breaks[0] as number]] : kept.slice(1);
}

function linesOf(text: string, from: number, to: number): Line[] {
  const lines: Line[] = [];
  for (let start = from; start < to; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 || newline > to ? to : newline;
    lines.push({ start, text: text.slice(start, end).replace(/\r$/, '') });
    start = end + 1;
  }
  return lines;
}
