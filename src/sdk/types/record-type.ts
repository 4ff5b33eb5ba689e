/**
 * What is known of a value before any record is seen: of which kinds it may be, and what is known of it where it is of that kind. Types
 * never change. One without kinds is that of a value that cannot be there.
 */
export interface RecordType {
  readonly string?: TextType;
  readonly number?: true;
  readonly boolean?: true;
  readonly null?: true;
  /** The type of its elements. */
  readonly list?: RecordType;
  readonly object?: ObjectType;
}

export interface TextType {
  /** The only texts that it may be; absent: any. */
  readonly values?: ReadonlySet<string>;
  /** Conditions have ruled out others: in other records it may be one of those. */
  readonly narrowed?: true;
}

export interface ObjectType {
  readonly fields: ReadonlyMap<string, FieldType>;
  /** What fields that are not listed are; absent: there are none. */
  readonly rest?: RecordType;
}

/** A field's type, and whether every record has it. Also that of an expression's value, which may be missing. */
export interface FieldType {
  readonly type: RecordType;
  readonly always: boolean;
}

export const KINDS = ['string', 'number', 'boolean', 'null', 'list', 'object'] as const;
export type Kind = (typeof KINDS)[number];

/** More texts than this are no longer told apart: nobody lists them in a message. */
const MOST_VALUES = 24;

/** Nothing is known: any value at all. It is told by being this object. */
export const ANY: RecordType = anything();

/** A type of which nothing is known contains itself: any list, any object. */
function anything(): RecordType {
  const type: { -readonly [Key in keyof RecordType]: RecordType[Key] } = { string: {}, number: true, boolean: true, null: true };
  type.list = type;
  type.object = { fields: new Map(), rest: type };
  return Object.freeze(type);
}

/** There is no such value. */
export const NEVER: RecordType = Object.freeze({});
export const STRING: RecordType = Object.freeze({ string: {} });
export const NUMBER: RecordType = Object.freeze({ number: true });
export const BOOLEAN: RecordType = Object.freeze({ boolean: true });
export const NULL: RecordType = Object.freeze({ null: true });
/** An object of which nothing more is known. */
export const OBJECT: RecordType = Object.freeze({ object: { fields: new Map(), rest: ANY } });
export const LIST: RecordType = Object.freeze({ list: ANY });
/** A field that no record has. */
export const ABSENT: FieldType = Object.freeze({ type: NEVER, always: false });

/** A text that is one of these. */
export function textOf(...values: readonly string[]): RecordType {
  return { string: textType(new Set(values)) };
}

export function listOf(element: RecordType): RecordType {
  return { list: element };
}

/** Fields by name; a name with `?` at its end is that of a field that not every record has. `rest`: what other fields are. */
export function objectOf(fields: Readonly<Record<string, RecordType>>, rest?: RecordType): RecordType {
  const known = Object.entries(fields).map(([name, type]): [string, FieldType] =>
    name.endsWith('?') ? [name.slice(0, -1), { type, always: false }] : [name, { type, always: true }],
  );
  return objectType(new Map(known), rest);
}

export function objectType(fields: ReadonlyMap<string, FieldType>, rest?: RecordType): RecordType {
  return { object: rest === undefined ? { fields } : { fields, rest } };
}

/** A value that is of one of these types. */
export function oneOf(...types: readonly RecordType[]): RecordType {
  return types.reduce(union, NEVER);
}

/** A value that may be of either type. */
export function union(a: RecordType, b: RecordType): RecordType {
  if (a === b || b === NEVER) return a;
  if (a === NEVER) return b;
  if (a === ANY || b === ANY) return ANY;
  const string = a.string === undefined || b.string === undefined ? (a.string ?? b.string) : textUnion(a.string, b.string);
  const list = a.list === undefined || b.list === undefined ? (a.list ?? b.list) : union(a.list, b.list);
  const object = a.object === undefined || b.object === undefined ? (a.object ?? b.object) : objectUnion(a.object, b.object);
  return {
    ...a,
    ...b,
    ...(string === undefined ? {} : { string }),
    ...(list === undefined ? {} : { list }),
    ...(object === undefined ? {} : { object }),
  };
}

/** A value that is there in records of either kind, or not. */
export function eitherField(a: FieldType, b: FieldType): FieldType {
  if (a === b) return a;
  return { type: union(a.type, b.type), always: a.always && b.always };
}

/** What an object has under a name. */
export function fieldOf({ fields, rest }: ObjectType, name: string): FieldType {
  return fields.get(name) ?? (rest === undefined ? ABSENT : { type: rest, always: false });
}

/** A type without one of its kinds. */
export function without(type: RecordType, kind: Kind): RecordType {
  if (type[kind] === undefined) return type;
  const { [kind]: _, ...rest } = type;
  return rest;
}

/** The kinds that a value of this type may be of. */
export function kindsOf(type: RecordType): readonly Kind[] {
  return KINDS.filter((kind) => type[kind] !== undefined);
}

function textType(values: ReadonlySet<string>): TextType {
  return values.size > MOST_VALUES ? {} : { values };
}

function textUnion(a: TextType, b: TextType): TextType {
  if (a.values === undefined || b.values === undefined) return {};
  const joined = textType(new Set([...a.values, ...b.values]));
  return joined.values !== undefined && (a.narrowed || b.narrowed) ? { ...joined, narrowed: true } : joined;
}

function objectUnion(a: ObjectType, b: ObjectType): ObjectType {
  if (a === b) return a;
  const fields = new Map<string, FieldType>();
  for (const [name, field] of a.fields) fields.set(name, eitherField(field, fieldOf(b, name)));
  for (const [name, field] of b.fields) if (!fields.has(name)) fields.set(name, eitherField(fieldOf(a, name), field));
  if (a.rest === undefined && b.rest === undefined) return { fields };
  return { fields, rest: union(a.rest ?? NEVER, b.rest ?? NEVER) };
}
