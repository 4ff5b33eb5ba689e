import type { JsonObject, JsonValue } from '../../record/json.ts';
import { type FieldPath, parsePath, setField } from '../../record/path.ts';
import { ParseFailure, type TextParser } from './parser.ts';

/** What a cell may be read as. */
export const CELL_TYPES = ['text', 'integer', 'float', 'boolean'] as const;
export type CellType = (typeof CELL_TYPES)[number];

export interface CsvOptions {
  /** The field of each cell; an empty name leaves its cell out. Absent: `column1`, `column2`, ... */
  readonly columns?: readonly string[] | undefined;
  readonly delimiter: string;
  /** One character, or empty where cells are never quoted. */
  readonly quote: string;
  readonly types?: Readonly<Record<string, CellType>> | undefined;
}

/** A row of more cells is no row; the bound keeps one record's work finite. */
const MAX_CELLS = 10_000;

const TOO_MANY = new ParseFailure(`it has more than ${MAX_CELLS} cells`);
const INTEGER = /^[+-]?\d{1,15}$/;
const FLOAT = /^[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false, yes: true, no: false };

interface Column {
  readonly name: string;
  readonly path: FieldPath;
  readonly type: CellType;
}

/**
 * Makes a reader of one row of comma-separated values (RFC 4180): a quoted cell may hold delimiters, line breaks and
 * doubled quotes; blanks belong to cells. The row must have as many cells as there are columns (RFC 4180, 2.4).
 */
export function csvParser({ columns, delimiter, quote, types = {} }: CsvOptions): TextParser {
  const row = new RowReader(delimiter, quote);
  const known = columns === undefined ? undefined : csvColumns(columns, types);
  return (text) => {
    const cells = row.read(text);
    if (cells instanceof ParseFailure) return cells;
    const fields: JsonObject = {};
    if (known === undefined) {
      for (let i = 0; i < cells.length; i += 1) fields[`column${i + 1}`] = cells[i];
      return fields;
    }
    if (cells.length !== known.length) {
      return new ParseFailure(`it has ${cells.length} cells where there are ${known.length} columns`);
    }
    for (let i = 0; i < known.length; i += 1) {
      const column = known[i];
      if (column === undefined) continue;
      const cell = cells[i] as string;
      const value = column.type === 'text' ? cell : typedCell(cell, column.type);
      if (value === null) return new ParseFailure(`the cell of ${column.name} is no ${column.type}`);
      if (value !== undefined) setField(fields, column.path, value);
    }
    return fields;
  };
}

/** The column of each cell; `undefined`: the cell is left out. */
export function csvColumns(names: readonly string[], types: Readonly<Record<string, CellType>>): (Column | undefined)[] {
  return names.map((name) => columnOf(name, types));
}

function columnOf(name: string, types: Readonly<Record<string, CellType>>): Column | undefined {
  if (name === '') return undefined;
  return { name, path: parsePath(name) ?? [name], type: Object.hasOwn(types, name) ? (types[name] as CellType) : 'text' };
}

/** The cell as its type; `undefined` where it is empty, `null` where it does not fit. */
function typedCell(cell: string, type: CellType): JsonValue | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  if (type === 'integer') return INTEGER.test(text) ? Number(text) : null;
  if (type === 'float') return FLOAT.test(text) ? Number(text) : null;
  const word = text.toLowerCase();
  return Object.hasOwn(BOOLEANS, word) ? (BOOLEANS[word] as boolean) : null;
}

/** Splits rows into cells. */
class RowReader {
  readonly #delimiter: string;
  readonly #quote: string;
  /** NaN, which is no character's code, where cells are never quoted. */
  readonly #quoteCode: number;

  constructor(delimiter: string, quote: string) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#quoteCode = quote.charCodeAt(0);
  }

  read(text: string): string[] | ParseFailure {
    const delimiter = this.#delimiter;
    const end = endOfRow(text);
    const broken = text.lastIndexOf('\n', end - 1) >= 0;
    const cells: string[] = [];
    for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; ; at += delimiter.length) {
      if (cells.length >= MAX_CELLS) return TOO_MANY;
      if (text.charCodeAt(at) === this.#quoteCode && at < end) {
        const close = this.#closing(text, at + 1, end);
        if (close < 0) return new ParseFailure(`the quote at column ${at + 1} does not end`);
        cells.push(this.#unquoted(text.slice(at + 1, close)));
        at = close + 1;
        if (at < end && !text.startsWith(delimiter, at)) {
          return new ParseFailure(`at column ${at + 1}, after a quoted cell, ${JSON.stringify(delimiter)} is expected`);
        }
      } else {
        const next = text.indexOf(delimiter, at);
        const cellEnd = next < 0 || next > end ? end : next;
        const cell = text.slice(at, cellEnd);
        if (broken && cell.includes('\n'))
          return new ParseFailure(`it has more than one row: a line ends after column ${at + 1}`);
        cells.push(cell);
        at = cellEnd;
      }
      if (at >= end) return cells;
    }
  }

  /** The quote that ends the cell: the first that is not doubled. */
  #closing(text: string, start: number, end: number): number {
    const quote = this.#quote;
    let at = text.indexOf(quote, start);
    while (at >= 0 && at + 1 < end && text.charCodeAt(at + 1) === this.#quoteCode) at = text.indexOf(quote, at + 2);
    return at < end ? at : -1;
  }

  #unquoted(cell: string): string {
    const quote = this.#quote;
    return cell.includes(quote) ? cell.replaceAll(quote + quote, quote) : cell;
  }
}

/** Where the row ends: before a line break that ends the text. */
function endOfRow(text: string): number {
  let end = text.length;
  if (text.charCodeAt(end - 1) === 10) end -= 1;
  if (text.charCodeAt(end - 1) === 13) end -= 1;
  return end;
}
