/** A row of a CSV text, and the line on which it begins, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads CSV as RFC 4180 describes it, with LF or CRLF, and any separator of one character. Lines without a character
 * are skipped. Throws an error that says on which line what is wrong.
 */
export function* csvRows(text: string, separator: string): Generator<CsvRow> {
  const reader = new CsvReader(text, separator);
  while (reader.at < text.length) {
    const { line } = reader;
    const cells = reader.row();
    if (cells.length > 1 || cells[0] !== '') yield { line, cells };
  }
}

/** A cursor over a CSV text. */
class CsvReader {
  at = 0;
  line = 1;
  readonly #text: string;
  readonly #separator: string;

  constructor(text: string, separator: string) {
    this.#text = text;
    this.#separator = separator;
  }

  /** The cells up to the end of the line, behind which the cursor is then. */
  row(): string[] {
    const cells: string[] = [];
    for (;;) {
      cells.push(this.#text[this.at] === '"' ? this.#quoted() : this.#plain());
      const next = this.#text[this.at];
      if (next === this.#separator) {
        this.at += 1;
        continue;
      }
      if (next === '\r' && this.#text[this.at + 1] === '\n') this.at += 1;
      this.at += 1;
      this.line += 1;
      return cells;
    }
  }

  #plain(): string {
    const start = this.at;
    for (; this.at < this.#text.length; this.at += 1) {
      const character = this.#text[this.at];
      if (character === this.#separator || character === '\n') break;
      if (character === '\r' && this.#text[this.at + 1] === '\n') break;
    }
    return this.#text.slice(start, this.at);
  }

  #quoted(): string {
    const begun = this.line;
    let cell = '';
    let start = this.at + 1;
    for (;;) {
      const quote = this.#text.indexOf('"', start);
      if (quote < 0) throw new Error(`line ${begun}: the quote that begins a cell does not end`);
      cell += this.#text.slice(start, quote);
      this.at = quote + 1;
      if (this.#text[this.at] !== '"') break;
      cell += '"';
      start = this.at + 1;
    }
    this.line += cell.split('\n').length - 1;
    const next = this.#text[this.at];
    const ends = next === undefined || next === this.#separator || next === '\n' || next === '\r';
    if (!ends)
      throw new Error(`line ${this.line}: something follows the quote that ends a cell; a quote inside is written twice ("")`);
    return cell;
  }
}
