import { isNever } from './paths.ts';
import { ANY, type FieldType, fieldOf, KINDS, NEVER, type ObjectType, type RecordType } from './record-type.ts';

/** Whether a value of one type can be of a kind of the other, whatever it is exactly. One that can't be there contradicts nothing. */
export function sharesKind(a: RecordType, b: RecordType): boolean {
  if (isNever(a) || isNever(b)) return true;
  return KINDS.some((kind) => a[kind] !== undefined && b[kind] !== undefined);
}

/** Why a type does not fit another: where, and what was found in place of what. */
export interface Misfit {
  readonly path: readonly string[];
  /** Absent: no record has the field. */
  readonly found: RecordType | undefined;
  /** Absent: there must be no such field. */
  readonly wanted: RecordType | undefined;
}

/**
 * The first place where values of `found` cannot be all that `wanted` says. Of what is not known nothing is claimed: it fits anything, and
 * so does what may only be missing.
 */
export function misfitOf(found: RecordType, wanted: RecordType, path: readonly string[] = []): Misfit | undefined {
  if (found === wanted || found === ANY || wanted === ANY) return undefined;
  for (const kind of KINDS) if (found[kind] !== undefined && wanted[kind] === undefined) return { path, found, wanted };
  const allowed = wanted.string?.values;
  const texts = found.string?.values;
  if (allowed !== undefined && texts !== undefined && [...texts].some((text) => !allowed.has(text)))
    return { path, found, wanted };
  const inList = found.list && wanted.list && misfitOf(found.list, wanted.list, [...path, '[]']);
  return inList ?? (found.object && wanted.object && misfitOfFields(found.object, wanted.object, path));
}

function misfitOfFields(found: ObjectType, wanted: ObjectType, path: readonly string[]): Misfit | undefined {
  for (const [name, { type, always }] of wanted.fields) {
    const there = fieldOf(found, name);
    const here = [...path, name];
    if (isNever(there.type)) {
      if (always) return { path: here, found: undefined, wanted: type };
      continue;
    }
    const misfit = misfitOf(there.type, type, here);
    if (misfit !== undefined) return misfit;
  }
  for (const [name, { type }] of found.fields) {
    if (wanted.fields.has(name) || isNever(type)) continue;
    const here = [...path, name];
    if (wanted.rest === undefined) return { path: here, found: type, wanted: undefined };
    const misfit = misfitOf(type, wanted.rest, here);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

/**
 * What is known of values that are of both types, where one is what was declared and the other what was found out: the declared kinds, and
 * of fields that the declaration leaves open what was found out.
 */
export function refine(declared: RecordType, found: RecordType): RecordType {
  if (declared === ANY) return found;
  if (found === ANY || declared.object === undefined || found.object === undefined) return declared;
  const { fields, rest } = declared.object;
  const refined = new Map<string, FieldType>();
  for (const [name, { type, always }] of fields) {
    const there = fieldOf(found.object, name);
    refined.set(name, { type: refine(type, there.type === NEVER ? ANY : there.type), always: always || there.always });
  }
  if (rest === undefined) return { ...declared, object: { fields: refined } };
  for (const [name, field] of found.object.fields) if (!refined.has(name)) refined.set(name, field);
  return { ...declared, object: { fields: refined, rest } };
}
