import {
  ANY,
  type FieldType,
  KINDS,
  type Kind,
  kindsOf,
  type ObjectType,
  type RecordType,
  type TextType,
} from './record-type.ts';
import type { Misfit } from './relations.ts';

/** Fields of an object that are shown on one line, where they fit. */
const WIDEST = 100;

/** A type for people, on one line: `{ url: { path: string, query?: string }, tags: [string], ... }`. */
export function typeText(type: RecordType): string {
  if (type === ANY) return 'any';
  const kinds = kindsOf(type);
  return kinds.length === 0 ? 'nothing' : kinds.map((kind) => kindText(type, kind)).join(' | ');
}

function kindText(type: RecordType, kind: Kind): string {
  if (kind === 'string') return textText(type.string as TextType);
  if (kind === 'list') return `[${typeText(type.list as RecordType)}]`;
  return kind === 'object' ? objectText(type.object as ObjectType) : kind;
}

function textText({ values }: TextType): string {
  return values === undefined ? 'string' : [...values].map((value) => `'${value}'`).join(' | ');
}

function objectText({ fields, rest }: ObjectType): string {
  const parts = [...shownFields(fields)].map(([name, { type, always }]) => `${name}${always ? '' : '?'}: ${typeText(type)}`);
  if (rest !== undefined) parts.push(restText(rest));
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function restText(rest: RecordType): string {
  return rest === ANY ? '...' : `...: ${typeText(rest)}`;
}

function shownFields(fields: ObjectType['fields']): readonly (readonly [string, FieldType])[] {
  return [...fields].filter(([, { type }]) => kindsOf(type).length > 0);
}

/** The same over several lines, a field each, where it is too long for one. */
export function typeLines(type: RecordType, indent = ''): string[] {
  const line = typeText(type);
  const { object } = type;
  if (type === ANY || object === undefined || kindsOf(type).length > 1 || indent.length + line.length <= WIDEST)
    return [indent + line];
  const inner = `${indent}  `;
  const parts = shownFields(object.fields).map(([name, field]) => fieldLines(name, field, inner));
  const rest = object.rest === undefined ? [] : [[`${inner}${restText(object.rest)}`]];
  return [`${indent}{`, ...[...parts, ...rest].flat(), `${indent}}`];
}

function fieldLines(name: string, { type, always }: FieldType, indent: string): string[] {
  const [first = '', ...more] = typeLines(type, indent);
  return [`${indent}${name}${always ? '' : '?'}: ${first.slice(indent.length)}`, ...more];
}

const NAMES: Readonly<Record<Kind, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
  list: 'a list',
  object: 'an object',
};

/** What values of a type are, in words: `a string or a number`. */
export function kindsText(type: RecordType): string {
  const names = KINDS.filter((kind) => type[kind] !== undefined).map((kind) => NAMES[kind]);
  if (type === ANY) return 'any value';
  if (names.length === 0) return 'nothing';
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** Why a type does not fit what was declared. */
export function misfitText({ path, found, wanted }: Misfit): string {
  const field = path.length === 0 ? 'the record' : path.join('.');
  if (found === undefined) return `no record has ${field}, and the schema says that all do`;
  if (wanted === undefined)
    return `${field} (${typeText(found)}) is not in the schema; add it, remove it, or let there be other fields by "...: any"`;
  return `${field} is ${typeText(found)}, and the schema says ${typeText(wanted)}`;
}
