import type { JsonObject, JsonValue } from '../record/json.ts';
import { type FieldPath, setField } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import type { Evaluate } from '../sdk/option.ts';

/** What a group is known by in a Map: two are equal exactly where the groups' values are. */
export type GroupId = string | number | boolean | null;

/** One of the values that records are grouped by, and the field of the result that shows it. */
export interface GroupField {
  readonly path: FieldPath;
  readonly evaluate: Evaluate;
}

/** Texts of group values that are longer are refused: each is held in memory, in the changelog and in the key of each result. */
export const MAX_GROUP_LENGTH = 16_384;

/** Begins the ids of single values that are lists or objects, and of texts that begin with it themselves. */
const MARK = '\u0000';

/**
 * The values that records are grouped by, as ids. A single value that is a text, number, boolean or null is its own id, so that
 * no text is made per record; anything else is known by its JSON. A missing value and null are the same group.
 */
export class GroupBy {
  readonly #fields: readonly GroupField[];
  readonly #only: Evaluate | undefined;

  constructor(fields: readonly GroupField[]) {
    this.#fields = fields;
    this.#only = fields.length === 1 ? fields[0]?.evaluate : undefined;
  }

  /** The group of a record; `undefined` where its values are longer than {@link MAX_GROUP_LENGTH}. */
  idOf(record: StreamRecord): GroupId | undefined {
    if (this.#only === undefined) return this.#fields.length === 0 ? null : this.#listOf(record);
    const id = single(this.#only(record) ?? null);
    return typeof id === 'string' && id.length > MAX_GROUP_LENGTH ? undefined : id;
  }

  #listOf(record: StreamRecord): string | undefined {
    const values: (JsonValue | undefined)[] = [];
    for (const { evaluate } of this.#fields) values.push(evaluate(record));
    // What is missing in a list is written as null.
    const text = JSON.stringify(values);
    return text.length > MAX_GROUP_LENGTH ? undefined : text;
  }

  /** The id of the group with these values. */
  idOfValues(values: readonly JsonValue[]): GroupId {
    if (this.#fields.length === 0) return null;
    return this.#only === undefined ? JSON.stringify(values) : single(values[0] ?? null);
  }

  /** The group's values, which are the caller's. */
  valuesOf(id: GroupId): JsonValue[] {
    if (this.#fields.length === 0) return [];
    if (this.#only === undefined) return JSON.parse(id as string) as JsonValue[];
    if (typeof id !== 'string' || !id.startsWith(MARK)) return [id];
    return [id.startsWith(MARK, 1) ? id.slice(1) : (JSON.parse(id.slice(1)) as JsonValue)];
  }

  /** The group's values as the text of a JSON list. */
  textOf(id: GroupId): string {
    if (this.#fields.length === 0) return '[]';
    if (this.#only === undefined) return id as string;
    return `[${typeof id === 'string' && id.startsWith(MARK) ? JSON.stringify(this.valuesOf(id)[0]) : JSON.stringify(id)}]`;
  }

  /** Puts the group's values into a result. */
  setFields(result: JsonObject, values: readonly JsonValue[]): void {
    for (const [i, { path }] of this.#fields.entries()) setField(result, path, values[i] ?? null);
  }
}

function single(value: JsonValue): GroupId {
  if (typeof value === 'string') return value.startsWith(MARK) ? MARK + value : value;
  return typeof value === 'object' && value !== null ? MARK + JSON.stringify(value) : value;
}
