import type { Expression, Node } from 'acorn';
import { suggest } from '../errors/suggest.ts';
import {
  ABSENT,
  ANY,
  type DeadEnd,
  type FieldType,
  fieldOf,
  getPath,
  isNever,
  kindsOf,
  kindsText,
  type ObjectType,
  type RecordType,
} from '../sdk/types/index.ts';
import type { Emitted } from './emitted.ts';
import type { Emitter } from './emitter.ts';
import type { ExpressionScope } from './scope.ts';

/** A level of a path that is written out, and where it stands. */
export interface Step {
  readonly name: string;
  readonly node: Expression;
}

/** Names of fields that a message lists. */
const MOST_NAMES = 8;
/** From so many letters on, a name that is the beginning of another is meant for it. */
const SHORTEST_STEM = 3;
/** How deep a field of the same name is looked for. */
const DEEPEST = 6;

/**
 * What is known of the field below `here` that the last of `steps` names; `undefined`: no record has it, which is reported. `root`: what the
 * path begins with, where that is not the record.
 */
export function fieldBelow(emitter: Emitter, here: FieldType, steps: readonly Step[], root: string): FieldType | undefined {
  const { type } = here;
  if (type === ANY || emitter.record === undefined) return { type: ANY, always: false };
  const { name } = steps.at(-1) as Step;
  const field = type.object === undefined ? ABSENT : fieldOf(type.object, name);
  if (!isNever(field.type)) return { type: field.type, always: here.always && field.always && kindsOf(type).length === 1 };
  complainOfField(emitter, type, steps, root);
  return undefined;
}

function complainOfField(emitter: Emitter, within: RecordType, steps: readonly Step[], root: string): void {
  const { node } = steps.at(-1) as Step;
  const path = steps.map((step) => step.name);
  const [instead, suggestion] = adviceOn(emitter, within, path, root);
  const field = [...(root === '' ? [] : [root]), ...path].join('.');
  if (emitter.asking !== 'default' && emitter.asking !== 'presence')
    emitter.report('EXPRESSION_UNKNOWN_FIELD', node, { field, instead }, suggestion);
  // Who asks whether there is a field says that there may be none: only what looks mistyped is worth a word.
  else if (suggestion !== undefined) emitter.doubt('EXPRESSION_UNKNOWN_FIELD', node, { field, instead }, suggestion);
}

type Advice = readonly [instead: string, suggestion?: string | undefined];

function adviceOn(emitter: Emitter, within: RecordType, path: readonly string[], root: string): Advice {
  const { unasked, scope } = emitter;
  const isRuledOut = root === '' && unasked !== undefined && !isNever(getPath(unasked, path).type);
  if (isRuledOut && within.object !== undefined) return ['what is asked before says that there is none'];
  const later = root === '' ? scope.later?.(path) : undefined;
  if (later !== undefined) return [later];
  const whole = [...(root === '' ? [] : [root]), ...path.slice(0, -1)].join('.');
  if (within.object === undefined) return [`${whole} is ${kindsText(within)}, which has no fields`];
  return adviceOnName(within.object, path, whole);
}

/** What was meant by a name that an object does not have: one that is near, or the same further down. */
function adviceOnName(object: ObjectType, path: readonly string[], whole: string): Advice {
  const name = path.at(-1) as string;
  const names = namesOf(object);
  const near = suggest(name, names) ?? names.find((each) => name.length >= SHORTEST_STEM && each.startsWith(name));
  if (near !== undefined) return [`did you mean ${near}?`, near];
  const deeper = placeOf(object, name, []);
  if (deeper !== undefined) return [`did you mean ${whole === '' ? '' : `${whole}.`}${deeper}?`, deeper];
  const has = whole === '' ? 'the record has' : `${whole} has`;
  return [names.length === 0 ? `${has} no fields` : `${has} ${listNames(names)}`];
}

function namesOf({ fields }: ObjectType): string[] {
  return [...fields].filter(([, { type }]) => !isNever(type)).map(([name]) => name);
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length === 1 ? (shown[0] as string) : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Where in an object a field of this name is. */
function placeOf(object: ObjectType, name: string, above: readonly string[]): string | undefined {
  for (const [each, { type }] of object.fields) {
    const path = [...above, each];
    if (each === name && !isNever(type)) return path.join('.');
    const inner = type === ANY || path.length > DEEPEST ? undefined : type.object;
    const found = inner === undefined ? undefined : placeOf(inner, name, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In a strict pipeline, a field is not read of which nothing is known. */
export function complainOfUnknownType(emitter: Emitter, node: Pick<Node, 'start' | 'end'>, { type }: Emitted): void {
  const { strict } = emitter.scope;
  if (strict === undefined || emitter.record === undefined || type !== ANY) return;
  if (emitter.asking === 'anything' || emitter.asking === 'presence') return;
  emitter.report('EXPRESSION_UNTYPED_FIELD', node, { field: emitter.source(node), instead: strict });
}

/** What to say of a field path that leads to nothing, which an option has. */
export function adviceOnField(
  path: readonly string[],
  { level, within }: DeadEnd,
  { later }: ExpressionScope,
): { readonly instead: string; readonly suggestion?: string | undefined } {
  const set = later?.(path);
  if (set !== undefined) return { instead: set };
  const above = path.slice(0, level);
  const whole = above.join('.');
  if (within.object === undefined) return { instead: `${whole} is ${kindsText(within)}, which has no fields` };
  const [instead, suggestion] = adviceOnName(within.object, path.slice(0, level + 1), whole);
  if (suggestion === undefined) return { instead };
  const meant = [...above, suggestion, ...path.slice(level + 1)].join('.');
  return { instead: `did you mean ${meant}?`, suggestion: meant };
}
