import { copyOf } from '../../record/copy.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { type FieldPath, setField } from '../../record/path.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { Evaluate } from '../../sdk/option.ts';

/** A field of a result that a rule makes, and what it shows of a record. */
export interface ShownField {
  readonly path: FieldPath;
  readonly evaluate: Evaluate;
}

/** What was seen in a record, in the order of the fields; null: nothing. */
export type Shown = readonly JsonValue[];

const NOTHING: Shown = [];

/** What a rule's results show of the record that they are about: it is remembered with the state. */
export class ShownFields {
  readonly #fields: readonly ShownField[];

  constructor(fields: readonly ShownField[]) {
    this.#fields = fields;
  }

  of(record: StreamRecord): Shown {
    return this.#fields.length === 0 ? NOTHING : this.#fields.map(({ evaluate }) => evaluate(record) ?? null);
  }

  /** A format, with the fields' names: which there are may change. */
  encode(shown: Shown): JsonValue {
    return this.#fields.map(({ path }, i) => [path.join('.'), shown[i] ?? null]);
  }

  decode(stored: JsonValue): Shown {
    const byName = new Map(stored as [string, JsonValue][]);
    return this.#fields.map(({ path }) => byName.get(path.join('.')) ?? null);
  }

  /** Puts copies into a result: steps behind may change it. */
  set(result: JsonObject, shown: Shown): void {
    for (const [i, { path }] of this.#fields.entries()) {
      const value = shown[i] ?? null;
      if (value !== null) setField(result, path, copyOf(value));
    }
  }
}
