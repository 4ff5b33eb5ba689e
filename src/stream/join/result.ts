import { copyOf } from '../../record/copy.ts';
import { toIso } from '../../record/iso-time.ts';
import type { JsonObject } from '../../record/json.ts';
import { type FieldPath, getField, setField } from '../../record/path.ts';

const NO_HEADERS = Buffer.alloc(0);

const TIME_FIELD: FieldPath = ['@timestamp'];

/** The fields of a join. */
export interface ResultFields {
  /** Where the other side's value is put. */
  readonly as: FieldPath;
  /** Where the key is in the values of each side, where its expression is a plain path. */
  readonly leftKey: FieldPath | undefined;
  readonly rightKey: FieldPath | undefined;
}

/** What two records become: the left one's value, with the right one's in it. Both are given away. */
export function joined(left: JsonObject, right: JsonObject, time: number, as: FieldPath): JsonObject {
  setField(left, as, right);
  return timed(left, time);
}

/** The value of a record that met no other: the left one's as it is; of a right one its key and, in its field, its value. */
export function unmatchedRight(right: JsonObject, key: string | null, time: number, fields: ResultFields): JsonObject {
  const value: JsonObject = {};
  const own = (fields.rightKey === undefined ? undefined : getField(right, fields.rightKey)) ?? key;
  if (fields.leftKey !== undefined && own !== null) setField(value, fields.leftKey, copyOf(own));
  setField(value, fields.as, right);
  return timed(value, time);
}

/** Says the result's time in its value. */
export function timed(value: JsonObject, time: number): JsonObject {
  setField(value, TIME_FIELD, toIso(time));
  return value;
}

/** The packed headers of a record that has been kept. */
export function headersOf({ headers }: { readonly headers: string }): Buffer {
  return headers === '' ? NO_HEADERS : Buffer.from(headers, 'base64');
}
