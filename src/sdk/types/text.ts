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

/** More fields than this nobody reads; types that share parts could have no end of them. */
const MOST_FIELDS = 2000;
/** Fields of an object that are shown on one line, where they fit. */
const WIDEST = 100;

/** A type for people, on one line: `{ url: { path: string, query?: string }, tags: [string], ... }`. */
export function typeText(type: RecordType): string {
  return textWithin(type, { left: MOST_FIELDS });
}

/** How many more fields may be shown. */
interface Budget {
  left: number;
}

function textWithin(type: RecordType, budget: Budget): string {
  if (type === ANY) return 'any';
  const kinds = kindsOf(type);
  return kinds.length === 0 ? 'nothing' : kinds.map((kind) => kindText(type, kind, budget)).join(' | ');
}

function kindText(type: RecordType, kind: Kind, budget: Budget): string {
  if (kind === 'string') return textText(type.string as TextType);
  if (kind === 'list') return `[${textWithin(type.list as RecordType, budget)}]`;
  return kind === 'object' ? objectText(type.object as ObjectType, budget) : kind;
}

function textText({ values }: TextType): string {
  return values === undefined ? 'string' : [...values].map((value) => `'${value}'`).join(' | ');
}

function objectText({ fields, rest }: ObjectType, budget: Budget): string {
  const parts: string[] = [];
  for (const [name, { type, always }] of shownFields(fields)) {
    budget.left -= 1;
    if (budget.left < 0) return `{ ${[...parts, '(more)'].join(', ')} }`;
    parts.push(`${name}${always ? '' : '?'}: ${textWithin(type, budget)}`);
  }
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
  return linesWithin(type, indent, { left: MOST_FIELDS });
}

function linesWithin(type: RecordType, indent: string, budget: Budget): string[] {
  const line = typeText(type);
  const { object } = type;
  if (type === ANY || object === undefined || kindsOf(type).length > 1 || indent.length + line.length <= WIDEST)
    return [indent + line];
  const inner = `${indent}  `;
  const parts = shownFields(object.fields).map(([name, field]) => fieldLines(name, field, { indent: inner, budget }));
  const rest = object.rest === undefined ? [] : [[`${inner}${restText(object.rest)}`]];
  return [`${indent}{`, ...[...parts, ...rest].flat(), `${indent}}`];
}

function fieldLines(
  name: string,
  { type, always }: FieldType,
  { indent, budget }: { readonly indent: string; readonly budget: Budget },
): string[] {
  budget.left -= 1;
  if (budget.left < 0) return [];
  const [first = '', ...more] = linesWithin(type, indent, budget);
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
