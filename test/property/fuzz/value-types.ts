import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import {
  BOOLEAN,
  type FieldType,
  fieldOf,
  listOf,
  NULL,
  NUMBER,
  objectType,
  oneOf,
  type RecordType,
  textOf,
} from '../../../src/sdk/types/index.ts';

/** The type that says all of a value: its kinds, its texts, its fields and no others. */
export function typeOfValue(value: JsonValue): RecordType {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  if (value === null) return NULL;
  if (Array.isArray(value)) return listOf(oneOf(...value.slice(0, MOST_ELEMENTS).map((element) => typeOfValue(element))));
  const fields = Object.entries(value).map(([name, inner]): [string, FieldType] => [
    name,
    { type: typeOfValue(inner as JsonValue), always: true },
  ]);
  return objectType(new Map(fields));
}

/** Long lists of the pool have elements of one kind. */
const MOST_ELEMENTS = 20;

/** Whether a type says that there may be such a value. */
export function admits(type: RecordType, value: JsonValue): boolean {
  if (typeof value === 'string') return type.string !== undefined && (type.string.values?.has(value) ?? true);
  if (typeof value === 'number') return type.number === true;
  if (typeof value === 'boolean') return type.boolean === true;
  if (value === null) return type.null === true;
  if (Array.isArray(value)) {
    const { list } = type;
    return list !== undefined && value.every((element) => admits(list, element));
  }
  return type.object !== undefined && admitsObject(type.object, value);
}

function admitsObject(object: NonNullable<RecordType['object']>, value: JsonObject): boolean {
  for (const [name, { always }] of object.fields) if (always && !Object.hasOwn(value, name)) return false;
  return Object.keys(value).every((name) => {
    const inner = value[name];
    return inner === undefined || admits(fieldOf(object, name).type, inner);
  });
}
