import type { FieldPath } from '../../record/path.ts';
import { ABSENT, ANY, type FieldType, fieldOf, isNever, kindsOf, objectType, type RecordType } from '../../sdk/types/index.ts';
import { common, except, type Fact } from './fact.ts';

/** A type of which something is known besides. */
export interface Narrowed {
  readonly type: RecordType;
  /** Whether what was known before allows it. */
  readonly possible: boolean;
}

interface NarrowedField {
  readonly field: FieldType;
  readonly possible: boolean;
}

const UNKNOWN: FieldType = { type: ANY, always: false };

/**
 * What is known of a record of whose field at `path` something is proved. Where that contradicts what was known, who asks for it expects
 * records that are not as they were declared: then what is proved holds alone.
 */
export function narrowPath(record: RecordType, path: FieldPath, fact: Fact): Narrowed {
  const { field, possible } = narrowField({ type: record, always: true }, path, fact);
  return { type: field.type, possible };
}

function narrowField(here: FieldType, path: FieldPath, fact: Fact): NarrowedField {
  const [name, ...below] = path;
  if (name === undefined) return narrowValue(here, fact);
  const object = here.type === ANY ? undefined : here.type.object;
  // Below what is no object nothing is, and whoever reads there is told so.
  if (here.type !== ANY && object === undefined) return { field: here, possible: fact.there !== true };
  const before = object === undefined ? UNKNOWN : fieldOf(object, name);
  const inner = narrowField(before, below, fact);
  if (fact.there === true) {
    const type = objectType(new Map(object?.fields).set(name, inner.field), object === undefined ? ANY : object.rest);
    return { field: { type, always: true }, possible: inner.possible };
  }
  const isObject = here.always && kindsOf(here.type).length === 1;
  const possible = inner.possible || !isObject;
  // Of a field that nobody named, that it may be something is worth no word: then it would seem to be there in some records.
  if (object === undefined || isNever(before.type) || (!object.fields.has(name) && !isNever(inner.field.type)))
    return { field: here, possible };
  const fields = new Map(object.fields).set(name, inner.field);
  return { field: { type: { ...here.type, ...objectType(fields, object.rest) }, always: here.always }, possible };
}

function narrowValue(field: FieldType, fact: Fact): NarrowedField {
  const narrowed = valueWith(field, fact);
  return narrowed === undefined ? { field: alone(field, fact), possible: false } : { field: narrowed, possible: true };
}

/** `undefined`: it can't be. */
function valueWith({ type, always }: FieldType, { only, not, there }: Fact): FieldType | undefined {
  if (there === false) return always ? undefined : ABSENT;
  const narrowed = only === undefined ? except(type, not) : common(type, only);
  const present = always || there === true;
  if (isNever(narrowed)) return present ? undefined : ABSENT;
  return { type: narrowed, always: present };
}

/** What is proved, without what was known; but a text that is none of those that were known is a text still. */
function alone({ type, always }: FieldType, { only, not, there }: Fact): FieldType {
  if (there === false) return ABSENT;
  if (only !== undefined) return { type: only, always: there === true };
  const isText = type.string !== undefined && not?.string?.values !== undefined;
  return { type: isText ? { string: {} } : ANY, always: always || there === true };
}
