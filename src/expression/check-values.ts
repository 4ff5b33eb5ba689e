import { suggest } from '../errors/suggest.ts';
import {
  ANY,
  BOOLEAN,
  getPath,
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
  typeText,
} from '../sdk/types/index.ts';
import type { ValueType } from '../sdk/value-type.ts';
import type { AnyExpression, Emitted } from './emitted.ts';
import { BROKEN, unwrap } from './emitted.ts';
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

/**
 * Notes texts that are compared and never equal, because all that a field can be is known: `pane === 'ontime'`. `!==` with what a
 * condition has ruled out before is only idle.
 */
export function complainOfTexts(emitter: Emitter, left: Operand, right: Operand, operator: string): Emitted | undefined {
  if (emitter.record === undefined) return undefined;
  const a = textsOf(left[1].type);
  const b = textsOf(right[1].type);
  if (a === undefined || b === undefined || [...a].some((text) => b.has(text))) return undefined;
  const [operand, literal, known] = isWritten(right[0]) ? [left, right[0], a] : [right, left[0], b];
  const [written = ''] = known === a ? b : a;
  const isIdle = reportText(emitter, {
    operand,
    at: literal,
    known,
    written,
    canBeIdle: operator === '!==' && operand[1].type.string?.narrowed === true,
  });
  return isIdle ? undefined : BROKEN;
}

/** Notes the elements of a list that the value beside it can never be. Beside those that it can be, what conditions have ruled out is idle. */
export function complainOfMembers(emitter: Emitter, operand: Operand, list: readonly Operand[]): void {
  if (emitter.record === undefined) return;
  const known = textsOf(operand[1].type);
  const fits = ({ type }: Emitted): boolean => [...(textsOf(type) ?? [])].some((text) => known?.has(text));
  const canBeIdle = operand[1].type.string?.narrowed === true && list.some(([, element]) => fits(element));
  for (const [at, { type }] of list) {
    if (isNullOnly(type)) continue;
    if (!sharesKind(operand[1].type, type)) complainOfKind(emitter, operand, [at, type]);
    else {
      const [written] = textsOf(type) ?? [];
      if (known !== undefined && written !== undefined && !known.has(written))
        reportText(emitter, { operand, at, known, written, canBeIdle });
    }
  }
}

function complainOfKind(emitter: Emitter, [node, { type }]: Operand, [at, other]: readonly [AnyExpression, RecordType]): void {
  const reason = `\`${emitter.source(node)}\` is ${kindsText(type)}, which is never equal to ${kindsText(other)}`;
  emitter.report('EXPRESSION_TYPE', at, { reason });
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
  readonly operand: Operand;
  readonly at: AnyExpression;
  readonly known: ReadonlySet<string>;
  readonly written: string;
  /** What it stands in means what it says without it. */
  readonly canBeIdle: boolean;
}

/** Returns whether it is only idle. */
function reportText(emitter: Emitter, { operand, at, known, written, canBeIdle }: TextMistake): boolean {
  const near = suggest(written, known);
  const all = [...known].map((text) => `'${text}'`);
  const reason = `\`${emitter.source(operand[0])}\` is ${listText(all)}${sinceWhen(emitter, operand[1])}, and never '${written}'`;
  const isIdle = canBeIdle && near === undefined;
  if (isIdle) emitter.doubt('EXPRESSION_TYPE', at, { reason });
  else emitter.report('EXPRESSION_TYPE', at, { reason }, near === undefined ? undefined : `'${near}'`);
  return isIdle;
}

/** What has ruled out the other texts, where that is a condition before. */
function sinceWhen(emitter: Emitter, { field, type }: Emitted): string {
  const { scope, unasked, place } = emitter;
  if (field === undefined) return '';
  if (unasked !== undefined && typeText(getPath(unasked, field).type) !== typeText(type)) return ' by what is asked before';
  const since = place === 'result' ? undefined : scope.since?.(field, type);
  return since === undefined ? '' : ` ${since}`;
}

function listText(names: readonly string[]): string {
  return names.length <= 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
