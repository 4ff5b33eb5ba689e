import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import { groupKey } from '../../sdk/group-key.ts';
import type { Evaluate } from '../../sdk/option.ts';

/** Longer keys are remembered by their hash, which a key cannot be taken for: it begins with a character that JSON never holds. */
const LONGEST_PLAIN_KEY = 64;
const HASH_MARK = '\u0001';

/** What the duplicates of a record have in common: the values of `by`; `undefined` where all of them are missing or null. */
export function identityByValues(by: readonly Evaluate[]): (record: StreamRecord) => string | undefined {
  const [only] = by;
  if (by.length === 1 && only !== undefined) {
    return (record) => {
      const value = only(record) ?? null;
      return value === null ? undefined : shortened(groupKey([value]) as string);
    };
  }
  return (record) => {
    const values = by.map((each) => each(record) ?? null);
    return values.every((value) => value === null) ? undefined : shortened(groupKey(values) as string);
  };
}

/** What the duplicates of a record have in common: all of its value. The order of an object's fields does not matter. */
export function identityByWhole({ value }: StreamRecord): string {
  return hashOf(JSON.stringify(ordered(value)));
}

function shortened(key: string): string {
  return key.length > LONGEST_PLAIN_KEY || key.startsWith(HASH_MARK) ? hashOf(key) : key;
}

function hashOf(text: string): string {
  return `${HASH_MARK}${createHash('sha256').update(text).digest('base64url')}`;
}

/** The value with the fields of its objects in one order, as lists of names and values, which no name can disturb. */
function ordered(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  return { fields: fieldsOf(value) };
}

function fieldsOf(value: JsonObject): unknown[] {
  const fields: unknown[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = value[name];
    if (field !== undefined) fields.push(name, ordered(field));
  }
  return fields;
}
