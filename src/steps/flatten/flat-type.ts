import {
  ANY,
  type FieldType,
  isNever,
  OBJECT,
  type ObjectType,
  objectOf,
  objectType,
  type RecordType,
  union,
} from '../../sdk/types/index.ts';

interface Below {
  readonly separator: string;
  readonly depth: number;
}

/** The type of flattened objects: see `addFlat`. Of an object whose fields are not all known, nothing is. */
export function flatType(object: ObjectType, below: Below): RecordType {
  const flat = new Map<string, FieldType>();
  return addFlat(flat, object, { ...below, prefix: '', always: true }) ? objectType(flat) : OBJECT;
}

function addFlat(
  flat: Map<string, FieldType>,
  { fields, rest }: ObjectType,
  { separator, depth, prefix, always }: Below & { readonly prefix: string; readonly always: boolean },
): boolean {
  if (rest !== undefined) return false;
  for (const [name, field] of fields) {
    const { object, ...others } = field.type;
    if (field.type === ANY) return false;
    if (object === undefined || depth === 0) {
      put(flat, prefix + name, { type: field.type, always: always && field.always });
      continue;
    }
    const onlyObject = isNever(others);
    // An empty object stays as it is.
    const mayBeEmpty = ![...object.fields.values()].some((inner) => inner.always);
    const stays = mayBeEmpty ? union(others, objectOf({})) : others;
    if (!isNever(stays)) put(flat, prefix + name, { type: stays, always: false });
    const inner = { separator, depth: depth - 1, prefix: prefix + name + separator };
    if (!addFlat(flat, object, { ...inner, always: always && field.always && onlyObject })) return false;
  }
  return true;
}

/** Two fields that would get one name never do: the record is rejected. */
function put(flat: Map<string, FieldType>, name: string, field: FieldType): void {
  const there = flat.get(name);
  flat.set(name, there === undefined ? field : { type: union(there.type, field.type), always: there.always || field.always });
}
