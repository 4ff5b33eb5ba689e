export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count them. */
  readonly column: number;
}

/** The text of a file and where its lines begin. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    this.#lineStarts = starts;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] as number) + 1 };
  }

  /** Where the line with this offset begins and ends, without its line break. */
  lineRange(offset: number): { start: number; end: number } {
    const start = this.#lineStarts[this.position(offset).line - 1] as number;
    const newline = this.text.indexOf('\n', start);
    const end = newline === -1 ? this.text.length : newline;
    return { start, end: this.text[end - 1] === '\r' && end > start ? end - 1 : end };
  }
}

/** A stretch of a file. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** A stretch of `length` characters of the same file. */
export function spanAt(source: SourceText, start: number, end: number = start): Span {
  return { source, start, end: Math.max(start, end) };
}
