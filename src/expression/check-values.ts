import { suggest } from '../errors/suggest.ts';
import {
  ANY,
  BOOLEAN,
  type Kind,
  kindsOf,
  kindsText,
  LIST,
  NULL,
  NUMBER,
  OBJECT,
  type RecordType,
  STRING,
  sharesKind,
} from '../sdk/types/index.ts';
import type { ValueType } from '../sdk/value-type.ts';
import type { AnyExpression, Emitted } from './emitted.ts';
import { unwrap } from './emitted.ts';
import type { Emitter } from './emitter.ts';

/** An expression with what was made of it. */
type Operand = readonly [AnyExpression, Emitted];

const BY_KIND: Readonly<Record<ValueType, RecordType>> = {
  any: ANY,
  string: STRING,
  number: NUMBER,
  boolean: BOOLEAN,
  null: NULL,
  array: LIST,
  object: OBJECT,
};

/** The type that a function or an aggregate declares by its name. */
export function typeOfKind(kind: ValueType): RecordType {
  return BY_KIND[kind];
}

/** The kinds of a type by the names that signatures give them. */
export function kindNames(type: RecordType): string {
  if (type === ANY) return 'any';
  return kindsOf(type)
    .map((kind) => (kind === 'list' ? 'array' : kind))
    .join(' or ');
}

/** The one kind that all values of the type are of. */
export function onlyKind(type: RecordType): Kind | undefined {
  const [kind, more] = kindsOf(type);
  return more === undefined ? kind : undefined;
}

export function isNullOnly(type: RecordType): boolean {
  return onlyKind(type) === 'null';
}

/** Notes texts that are compared and never equal, because all that a field can be is known: `pane === 'ontime'`. */
export function complainOfTexts(emitter: Emitter, left: Operand, right: Operand): Emitted | undefined {
  if (emitter.record === undefined) return undefined;
  const a = textsOf(left[1].type);
  const b = textsOf(right[1].type);
  if (a === undefined || b === undefined || [...a].some((text) => b.has(text))) return undefined;
  const [field, literal, known] = isWritten(right[0]) ? [left[0], right[0], a] : [right[0], left[0], b];
  const [written = ''] = known === a ? b : a;
  return reportText(emitter, { field, at: literal, known, written });
}

/** Notes an element of a list that the value beside it can never be. */
export function complainOfMember(emitter: Emitter, [node, { type }]: Operand, [entry, element]: Operand): void {
  if (emitter.record === undefined || isNullOnly(element.type)) return;
  if (!sharesKind(type, element.type)) {
    const reason = `\`${emitter.source(node)}\` is ${kindsText(type)}, which is never equal to ${kindsText(element.type)}`;
    emitter.report('EXPRESSION_TYPE', entry, { reason });
    return;
  }
  const known = textsOf(type);
  const [written] = textsOf(element.type) ?? [];
  if (known !== undefined && written !== undefined && !known.has(written))
    reportText(emitter, { field: node, at: entry, known, written });
}

/** Notes a value that can be in no container of this type: a number in a text, or the name of a field. */
export function complainOfContainer(emitter: Emitter, [node, { type }]: Operand, [, { type: container }]: Operand): void {
  if (emitter.record === undefined || container.list === ANY) return;
  if (sharesKind(type, STRING) && (container.string !== undefined || container.object !== undefined)) return;
  if (container.list !== undefined && sharesKind(type, container.list)) return;
  const never =
    container.list === undefined
      ? `and never in ${kindsText(container)}`
      : `and each element of the list is ${kindsText(container.list)}`;
  emitter.report('EXPRESSION_TYPE', node, { reason: `\`${emitter.source(node)}\` is ${kindsText(type)}, ${never}` });
}

/** All that it can be, where that is some texts. */
function textsOf(type: RecordType): ReadonlySet<string> | undefined {
  return onlyKind(type) === 'string' ? type.string?.values : undefined;
}

function isWritten(node: AnyExpression): boolean {
  return unwrap(node).type === 'Literal';
}

interface TextMistake {
  readonly field: AnyExpression;
  readonly at: AnyExpression;
  readonly known: ReadonlySet<string>;
  readonly written: string;
}

function reportText(emitter: Emitter, { field, at, known, written }: TextMistake): Emitted {
  const near = suggest(written, known);
  const all = [...known].map((text) => `'${text}'`);
  const reason = `\`${emitter.source(field)}\` is ${listText(all)}, and never '${written}'`;
  return emitter.report('EXPRESSION_TYPE', at, { reason }, near === undefined ? undefined : `'${near}'`);
}

function listText(names: readonly string[]): string {
  return names.length <= 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
