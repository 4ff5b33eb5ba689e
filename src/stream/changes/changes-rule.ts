import { copyOf } from '../../record/copy.ts';
import { isEqualJson } from '../../record/equal.ts';
import { toIso } from '../../record/iso-time.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { type FieldPath, setField } from '../../record/path.ts';
import type { Evaluate } from '../../sdk/option.ts';
import { storedList, storedNumber, storedValue } from '../aggregate/stored.ts';
import { AddedFields, putField } from '../rule/added-fields.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';

/** A value that is watched, and the field that shows it; no path: it is the only one and shown by itself. */
export interface Watched {
  readonly path: FieldPath | undefined;
  readonly evaluate: Evaluate;
}

export interface ChangesSettings {
  readonly watched: readonly Watched[];
  /** Whether the first record of a key goes on. */
  readonly first: boolean;
  /** The field that gets what was before; undefined: none. */
  readonly previous: FieldPath | undefined;
  /** The field that gets since when that was. */
  readonly since: FieldPath | undefined;
  /** After how many ms without a record a key is forgotten; Infinity: never. */
  readonly expires: number;
}

/** What a key has. Times in ms. */
export interface Standing {
  /** Nothing of them is shared with a record. */
  readonly values: readonly JsonValue[];
  /** The time of the first record that had them. */
  readonly since: number;
  /** The time of the last record; where keys do not expire, that of the first. */
  last: number;
}

/** Records go on where they differ from the one before of their key. */
export class ChangesRule implements Rule<Standing> {
  readonly #settings: ChangesSettings;
  readonly #added: AddedFields | undefined;
  readonly #record = new EventRecord();

  constructor(settings: ChangesSettings) {
    this.#settings = settings;
    const fields = [settings.previous, settings.since].filter((path) => path !== undefined);
    this.#added = fields.length === 0 ? undefined : new AddedFields(fields);
  }

  process(state: Standing | undefined, event: RuleEvent, { owned }: RuleKey, output: RuleOutput): Standing {
    const record = this.#record.turnTo(event);
    const values = this.#settings.watched.map(({ evaluate }) => evaluate(record) ?? null);
    if (state !== undefined && values.every((value, i) => isEqualJson(value, state.values[i] as JsonValue))) {
      output.drop();
      return this.#seen(state, event.time, owned);
    }
    const next = { values: copyOf(values), since: event.time, last: event.time };
    if (state !== undefined || this.#settings.first) output.pass(event, this.#valueOf(event, state));
    else output.drop();
    return next;
  }

  dueAt({ last }: Standing): number {
    return last + this.#settings.expires;
  }

  due(): undefined {
    return undefined;
  }

  encode({ values, since, last }: Standing): JsonValue {
    return [last, since, [...values]];
  }

  decode(stored: JsonValue): Standing {
    const [last, since, values] = storedList(stored, 3);
    const count = this.#settings.watched.length;
    return { last: storedNumber(last), since: storedNumber(since), values: storedList(storedValue(values), count) };
  }

  /** Where keys do not expire, a record that changes nothing leaves nothing to write. */
  #seen(state: Standing, time: number, owned: boolean): Standing {
    if (this.#settings.expires === Number.POSITIVE_INFINITY) return state;
    if (!owned) return { values: state.values, since: state.since, last: time };
    state.last = time;
    return state;
  }

  #valueOf({ value }: RuleEvent, before: Standing | undefined): JsonObject {
    if (this.#added === undefined) return value;
    const { previous, since } = this.#settings;
    const copy = this.#added.copyOf(value);
    if (previous !== undefined) putField(copy, previous, before && this.#shown(before.values));
    if (since !== undefined) putField(copy, since, before && toIso(before.since));
    return copy;
  }

  #shown(values: readonly JsonValue[]): JsonValue {
    const { watched } = this.#settings;
    if (watched[0]?.path === undefined) return copyOf(values[0] ?? null);
    const shown: JsonObject = {};
    for (const [i, { path }] of watched.entries()) setField(shown, path as FieldPath, copyOf(values[i] ?? null));
    return shown;
  }
}
