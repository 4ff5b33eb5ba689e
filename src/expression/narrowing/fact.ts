import { ANY, type Kind, kindsOf, NULL, type RecordType, type TextType, union } from '../../sdk/types/index.ts';

/** What a condition proves of one field: what its value is, or what it is not, and whether there is one. */
export interface Fact {
  /** Where there is a value, it is of this type. Absent: of any. */
  readonly only?: RecordType;
  /** Kinds and texts that the value is not. A list or an object here is all lists, all objects. Never beside `only`. */
  readonly not?: RecordType;
  /** Whether there is a value, be it null. Absent: there may be. */
  readonly there?: boolean;
}

/** More texts that a value is not are not noted: no type tells so many apart. */
const MOST_EXCLUDED = 64;

export const MISSING: Fact = { there: false };
export const THERE: Fact = { there: true };
export const NOT_NULL: Fact = { not: NULL, there: true };

type Value = Pick<Fact, 'only' | 'not'>;

/** What is proved where both hold; `undefined`: they never do. */
export function bothFacts(a: Fact, b: Fact): Fact | undefined {
  const there = a.there ?? b.there;
  if (there !== (b.there ?? a.there)) return undefined;
  if (there === false) return MISSING;
  const value = bothValues(a, b);
  if (value.only !== undefined && kindsOf(value.only).length === 0) return there === true ? undefined : MISSING;
  return there === undefined ? value : { ...value, there };
}

/** What is proved where one of them holds, and nobody knows which. */
export function eitherFact(a: Fact, b: Fact): Fact {
  if (a.there === false) return b.there === false ? MISSING : valuePart(b);
  if (b.there === false) return valuePart(a);
  const value = eitherValue(a, b);
  return a.there === true && b.there === true ? { ...value, there: true } : value;
}

function valuePart({ only, not }: Fact): Value {
  return { ...(only === undefined ? {} : { only }), ...(not === undefined ? {} : { not }) };
}

function bothValues(a: Value, b: Value): Value {
  if (a.only !== undefined && b.only !== undefined) return { only: common(a.only, b.only) };
  if (a.only !== undefined) return { only: except(a.only, b.not) };
  if (b.only !== undefined) return { only: except(b.only, a.not) };
  if (a.not === undefined || b.not === undefined) return valuePart(a.not === undefined ? b : a);
  return { not: { ...a.not, ...b.not, ...textPart(excludedByEither(a.not.string, b.not.string)) } };
}

function eitherValue(a: Value, b: Value): Value {
  if (a.only !== undefined && b.only !== undefined) return { only: union(a.only, b.only) };
  if (a.only !== undefined) return { not: excludedBesides(b.not, a.only) };
  if (b.only !== undefined) return { not: excludedBesides(a.not, b.only) };
  if (a.not === undefined || b.not === undefined) return {};
  return { not: excludedByBoth(a.not, b.not) };
}

/** What is known of a value that is of both types: at least that it is of the kinds of both. */
export function common(a: RecordType, b: RecordType): RecordType {
  if (a === ANY) return b;
  if (b === ANY) return a;
  const { string: _, ...others } = pick(a, (kind) => b[kind] !== undefined);
  const list = a.list === ANY ? b.list : a.list;
  const object = isUnknown(a.object) ? b.object : a.object;
  return {
    ...others,
    ...textPart(commonTexts(a.string, b.string)),
    ...(others.list === undefined || list === undefined ? {} : { list }),
    ...(others.object === undefined || object === undefined ? {} : { object }),
  };
}

/** A type without what a value is known not to be. Of one of which nothing is known, nothing is known still. */
export function except(type: RecordType, not: RecordType = {}): RecordType {
  if (type === ANY) return ANY;
  const { string, ...others } = pick(type, (kind) => kind === 'string' || not[kind] === undefined);
  return { ...others, ...textPart(textsExcept(string, not.string)) };
}

/** Kinds and texts that neither of two values is. */
function excludedByBoth(a: RecordType, b: RecordType): RecordType {
  const { string: _, ...others } = pick(a, (kind) => b[kind] !== undefined);
  return { ...others, ...textPart(commonTexts(a.string, b.string)) };
}

/** What is still excluded where the value may also be of a type. */
function excludedBesides(not: RecordType = {}, only: RecordType): RecordType {
  const { string, ...others } = pick(not, (kind) => kind === 'string' || only[kind] === undefined);
  if (string === undefined || only.string === undefined) return string === undefined ? others : { ...others, string };
  if (string.values === undefined || only.string.values === undefined) return others;
  return { ...others, ...textPart(textsExcept(string, only.string)) };
}

function excludedByEither(a: TextType | undefined, b: TextType | undefined): TextType | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.values === undefined || b.values === undefined) return {};
  const values = new Set([...a.values, ...b.values]);
  return values.size > MOST_EXCLUDED ? a : { values };
}

function commonTexts(a: TextType | undefined, b: TextType | undefined): TextType | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.values === undefined || b.values === undefined) return a.values === undefined ? b : a;
  const { values } = b;
  return narrowedTo(a, (text) => values.has(text));
}

function textsExcept(texts: TextType | undefined, not: TextType | undefined): TextType | undefined {
  if (texts === undefined || not === undefined) return texts;
  const { values } = not;
  if (values === undefined) return undefined;
  return narrowedTo(texts, (text) => !values.has(text));
}

/** A type with those of its texts that it keeps. */
function narrowedTo(texts: TextType, keeps: (text: string) => boolean): TextType | undefined {
  if (texts.values === undefined) return texts;
  const left = [...texts.values].filter(keeps);
  if (left.length === texts.values.size) return texts;
  return left.length === 0 ? undefined : { values: new Set(left), narrowed: true };
}

function textPart(string: TextType | undefined): RecordType {
  return string === undefined ? {} : { string };
}

function pick(type: RecordType, keeps: (kind: Kind) => boolean): RecordType {
  return Object.fromEntries(kindsOf(type).flatMap((kind) => (keeps(kind) ? [[kind, type[kind]]] : []))) as RecordType;
}

function isUnknown(object: RecordType['object']): boolean {
  return object === undefined || (object.rest === ANY && object.fields.size === 0);
}
