import type { FieldPath } from '../../record/path.ts';
import {
  ABSENT,
  ANY,
  type FieldType,
  fieldOf,
  NEVER,
  type ObjectType,
  objectType,
  type RecordType,
  union,
} from './record-type.ts';

/** Where a path ends that leads to nothing: how many of its levels there are, and what is known of the value there. */
export interface DeadEnd {
  readonly level: number;
  readonly within: RecordType;
}

/** What is known of the field at `path`. */
export function getPath(type: RecordType, path: FieldPath): FieldType {
  let here: FieldType = { type, always: true };
  for (const name of path) {
    if (here.type === ANY) return { type: ANY, always: false };
    const { object } = here.type;
    if (object === undefined) return ABSENT;
    const field = fieldOf(object, name);
    here = { type: field.type, always: here.always && field.always && isOnlyObject(here.type) };
  }
  return here;
}

/** Where the path leads to nothing for sure, in no record at all. */
export function deadEndOf(type: RecordType, path: FieldPath): DeadEnd | undefined {
  let here = type;
  for (const [level, name] of path.entries()) {
    if (here === ANY) return undefined;
    const { object } = here;
    const next = object === undefined ? NEVER : fieldOf(object, name).type;
    if (isNever(next)) return { level, within: here };
    here = next;
  }
  return undefined;
}

/** The type of records in which the field at `path` is set, as `setField` sets it. One that is not always set stays what it was in the others. */
export function setPath(type: RecordType, path: FieldPath, field: FieldType): RecordType {
  const set = put(type, path, field.type);
  return field.always ? set : union(type, set);
}

/** The type of records in which the field at `path` is set where there is a value, and deleted where there is none. */
export function putPath(type: RecordType, path: FieldPath, field: FieldType): RecordType {
  const set = setPath(type, path, { type: field.type, always: true });
  return field.always ? set : union(set, deletePath(type, path));
}

function put(type: RecordType, path: FieldPath, to: RecordType): RecordType {
  const [name, ...below] = path;
  if (name === undefined) return to;
  // What is no object on the way is replaced by an empty one.
  const object = asObject(type);
  const before = fieldOf(object, name);
  const inner = before.always || below.length === 0 ? before.type : union(before.type, objectType(new Map()));
  return withField(object, name, { type: put(inner, below, to), always: true });
}

/** What `setField` finds on its way: the object that is there, or a new one. */
function asObject(type: RecordType): ObjectType {
  const { object } = type;
  if (object === undefined) return { fields: new Map() };
  return isOnlyObject(type) ? object : (union({ object }, objectType(new Map())).object ?? object);
}

/** The type of records whose field at `path`, where it is there, is now this. */
export function replacePath(type: RecordType, path: FieldPath, field: FieldType): RecordType {
  const [name, ...below] = path;
  const { object } = type;
  if (name === undefined) return field.type;
  if (object === undefined || type === ANY) return type;
  const before = fieldOf(object, name);
  if (isNever(before.type)) return type;
  const after = below.length === 0 ? field : { type: replacePath(before.type, below, field), always: before.always };
  return { ...type, object: withField(object, name, after).object as ObjectType };
}

/** The type of records from which the field at `path` is deleted, as `deleteField` does. */
export function deletePath(type: RecordType, path: FieldPath): RecordType {
  const [name, ...below] = path;
  const { object } = type;
  if (name === undefined || object === undefined || type === ANY) return type;
  if (below.length === 0) return { ...type, object: withField(object, name, ABSENT).object as ObjectType };
  const before = fieldOf(object, name);
  if (isNever(before.type)) return type;
  return { ...type, object: withField(object, name, { ...before, type: deletePath(before.type, below) }).object as ObjectType };
}

function withField({ fields, rest }: ObjectType, name: string, field: FieldType): RecordType {
  const changed = new Map(fields);
  // In a closed object a field that is never there need not be listed.
  if (isNever(field.type) && rest === undefined) changed.delete(name);
  else changed.set(name, field);
  return objectType(changed, rest);
}

export function isNever(type: RecordType): boolean {
  for (const _ in type) return false;
  return true;
}

function isOnlyObject(type: RecordType): boolean {
  if (type.object === undefined) return false;
  for (const kind in type) if (kind !== 'object') return false;
  return true;
}

/** Merges as `parse` does: fields of `target` win, objects on both sides are joined, and `from` fills what is missing. */
export function fill(target: RecordType, from: RecordType): RecordType {
  const onto = target.object;
  const filler = from.object;
  if (onto === undefined || filler === undefined) return target;
  const names = new Set([...onto.fields.keys(), ...filler.fields.keys()]);
  const fields = new Map<string, FieldType>();
  for (const name of names) fields.set(name, filledField(fieldOf(onto, name), fieldOf(filler, name)));
  const rest = onto.rest === undefined && filler.rest === undefined ? undefined : filledRest(onto.rest, filler.rest);
  return objectType(fields, rest);
}

function filledRest(onto: RecordType | undefined, filler: RecordType | undefined): RecordType {
  return filledField({ type: onto ?? NEVER, always: false }, { type: filler ?? NEVER, always: false }).type;
}

function filledField(target: FieldType, from: FieldType): FieldType {
  if (isNever(from.type)) return target;
  if (isNever(target.type)) return from;
  const filled = target.type.object !== undefined && from.type.object !== undefined ? filledObject(target, from) : target.type;
  return { type: target.always ? filled : union(filled, from.type), always: target.always || from.always };
}

/** A field that is an object on both sides, perhaps. */
function filledObject(target: FieldType, from: FieldType): RecordType {
  if (target.type === ANY || from.type === ANY) return ANY;
  const { object } = fill(target.type, from.type);
  const joined: RecordType = object === undefined ? target.type : { ...target.type, object };
  return isOnlyObject(from.type) && from.always ? joined : union(joined, target.type);
}
