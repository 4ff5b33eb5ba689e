import { copyOf } from '../../record/copy.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { type FieldPath, getField, parsePath, setField } from '../../record/path.ts';
import { csvRows } from './csv.ts';

/** What a key stands for: values, and where in a record each is put. Entries of a CSV file share their paths. */
export interface Entry {
  readonly paths: readonly FieldPath[];
  readonly values: readonly (JsonValue | undefined)[];
}

export type Table = ReadonlyMap<string, Entry>;

/** How a file becomes a table. */
export interface TableOptions {
  readonly format: 'csv' | 'ndjson';
  readonly separator: string;
  /** The column or field that holds the key; undefined: the first column. */
  readonly key: string | undefined;
  /** Where each column or field is put; undefined: all of them, under their names. */
  readonly fields: Readonly<Record<string, FieldPath>> | undefined;
  readonly into: FieldPath;
  readonly maxEntries: number;
}

/** Nobody writes tables of objects that are nested deeper. */
const DEEPEST = 50;

/** Reads a table. Throws an error that says on which line what is wrong. */
export function readTable(bytes: Buffer, options: TableOptions): Table {
  const text = decoded(bytes);
  const table = new TableBuilder(options.maxEntries);
  if (options.format === 'csv') addCsv(table, text, options);
  else addNdjson(table, text, options);
  return table.entries;
}

/** Puts what a key stands for into a record. */
export function putEntry(value: JsonObject, { paths, values }: Entry): void {
  for (let i = 0; i < paths.length; i += 1) {
    const field = values[i];
    if (field !== undefined) setField(value, paths[i] as FieldPath, copyOf(field));
  }
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8 text');
  }
}

class TableBuilder {
  readonly entries = new Map<string, Entry>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  add(key: string, entry: Entry, line: number): void {
    if (this.entries.has(key)) throw new Error(`line ${line}: the key ${JSON.stringify(key.slice(0, 60))} is there already`);
    if (this.entries.size >= this.#maxEntries)
      throw new Error(`it has more than ${this.#maxEntries} entries; raise "max_entries" where there is the memory for them`);
    this.entries.set(key, entry);
  }
}

/** The first row names the columns. An empty cell puts nothing. */
function addCsv(table: TableBuilder, text: string, options: TableOptions): void {
  const rows = csvRows(text, options.separator);
  const header = rows.next().value as { readonly cells: readonly string[] } | undefined;
  if (header === undefined) throw new Error('there is nothing in it; the first line names the columns');
  const names = header.cells.map((name) => name.trim());
  const keyColumn = options.key === undefined ? 0 : names.indexOf(options.key);
  if (keyColumn < 0) throw new Error(`it has no column ${JSON.stringify(options.key)}; there are ${names.join(', ')}`);
  const columns = columnsOf(names, keyColumn, options);
  const paths = columns.map(({ path }) => path);
  for (const { line, cells } of rows) {
    if (cells.length !== names.length)
      throw new Error(`line ${line} has ${cells.length} cells, and the first line ${names.length}`);
    const values = columns.map(({ column }) => (cells[column] === '' ? undefined : cells[column]));
    table.add(cells[keyColumn] as string, { paths, values }, line);
  }
}

function columnsOf(names: readonly string[], keyColumn: number, options: TableOptions): { column: number; path: FieldPath }[] {
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) throw new Error(`two of its columns have the name ${JSON.stringify(double)}`);
  if (options.fields === undefined) {
    return names.flatMap((name, column) => (column === keyColumn ? [] : [{ column, path: pathOf(name, options.into) }]));
  }
  return Object.entries(options.fields).map(([name, to]) => {
    const column = names.indexOf(name);
    if (column < 0) throw new Error(`it has no column ${JSON.stringify(name)}; there are ${names.join(', ')}`);
    return { column, path: [...options.into, ...to] };
  });
}

function pathOf(name: string, into: FieldPath): FieldPath {
  const path = parsePath(name);
  if (path === undefined) throw new Error(`${JSON.stringify(name)} can be no field's name; choose others by "fields"`);
  return [...into, ...path];
}

function addNdjson(table: TableBuilder, text: string, options: TableOptions): void {
  const keyPath = parsePath(options.key ?? '') ?? [];
  const chosen = options.fields === undefined ? undefined : Object.entries(options.fields);
  const leaves = new Leaves(options.into, options.key ?? '');
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const written = text.slice(start, end).trim();
    start = end + 1;
    line += 1;
    if (written === '') continue;
    const object = objectIn(written, line);
    const key = keyIn(getField(object, keyPath), options.key, line);
    const entry = chosen === undefined ? leaves.of(object) : chosenOf(object, chosen, options.into);
    table.add(key, entry, line);
  }
}

function objectIn(written: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Error(`line ${line} is no JSON`);
  }
  if (!isJsonObject(value)) throw new Error(`line ${line} is no JSON object`);
  return value;
}

/** A key as it is compared: numbers and booleans by their text. `undefined` where a value can be none. */
export function keyOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function keyIn(value: JsonValue | undefined, name: string | undefined, line: number): string {
  const key = keyOf(value);
  if (key === undefined) throw new Error(`line ${line} has no text or number ${JSON.stringify(name)}, which is its key`);
  return key;
}

function chosenOf(object: JsonObject, chosen: readonly (readonly [string, FieldPath])[], into: FieldPath): Entry {
  return {
    paths: chosen.map(([, to]) => [...into, ...to]),
    values: chosen.map(([from]) => getField(object, parsePath(from) ?? [from])),
  };
}

/** Takes objects apart, so that what is put into a record joins the objects that are there. */
class Leaves {
  readonly #into: FieldPath;
  readonly #key: string;
  /** Paths by their names: most lines have the same. */
  readonly #paths = new Map<string, FieldPath>();

  constructor(into: FieldPath, key: string) {
    this.#into = into;
    this.#key = key;
  }

  of(object: JsonObject): Entry {
    const entry = { paths: [] as FieldPath[], values: [] as JsonValue[] };
    this.#add(object, '', entry);
    return entry;
  }

  #add(object: JsonObject, prefix: string, entry: { paths: FieldPath[]; values: JsonValue[] }, depth = DEEPEST): void {
    if (depth === 0) throw new Error(`it holds objects that are nested deeper than ${DEEPEST} levels`);
    for (const [name, value] of Object.entries(object)) {
      const full = prefix + name;
      if (value === undefined || full === this.#key) continue;
      if (isJsonObject(value)) {
        this.#add(value, `${full}.`, entry, depth - 1);
        continue;
      }
      const path = this.#paths.get(full) ?? pathOf(full, this.#into);
      this.#paths.set(full, path);
      entry.paths.push(path);
      entry.values.push(value);
    }
  }
}
