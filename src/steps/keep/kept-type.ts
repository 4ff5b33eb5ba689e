import type { FieldPath } from '../../record/path.ts';
import {
  ANY,
  type FieldType,
  fieldOf,
  type ObjectType,
  objectOf,
  objectType,
  type RecordType,
  union,
} from '../../sdk/types/index.ts';

/** What stays of a type where only `paths` are kept. */
export function keptType(type: RecordType, paths: readonly FieldPath[]): RecordType {
  // Which fields a pattern names is known of no record before it comes.
  if (paths.some((path) => path.some((name) => name.includes('*')))) return keptByPattern(type);
  return type.object === undefined ? objectOf({}) : keptFields(type.object, paths);
}

/** Everything that was there may have gone, and nothing has come. */
function keptByPattern(type: RecordType): RecordType {
  if (type === ANY || type.object === undefined) return type;
  const { fields, rest } = type.object;
  const maybe = [...fields].map(([name, field]): [string, FieldType] => [
    name,
    { type: union(field.type, keptByPattern(field.type)), always: false },
  ]);
  return { ...type, object: objectType(new Map(maybe), rest).object as ObjectType };
}

function keptFields(object: ObjectType, paths: readonly FieldPath[]): RecordType {
  const below = new Map<string, FieldPath[]>();
  for (const [name = '', ...more] of paths) below.set(name, [...(below.get(name) ?? []), more]);
  const fields = new Map<string, FieldType>();
  for (const [name, inner] of below) {
    const field = fieldOf(object, name);
    if (inner.some((path) => path.length === 0)) fields.set(name, field);
    else if (field.type.object !== undefined) fields.set(name, keptWithin(field, keptFields(field.type.object, inner)));
  }
  return objectType(fields);
}

/** An object of which nothing is kept goes too. */
function keptWithin({ type, always }: FieldType, kept: RecordType): FieldType {
  const hasAlways = [...(kept.object?.fields.values() ?? [])].some((field) => field.always);
  const onlyObject = Object.keys(type).length === 1;
  return { type: kept, always: always && hasAlways && onlyObject };
}
