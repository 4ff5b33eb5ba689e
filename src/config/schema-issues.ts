import type { z } from 'zod';
import { childrenOf, keysOf, kindsOf } from '../sdk/introspect.ts';
import type { Diagnostics } from './diagnostic.ts';
import { type ConfigNode, describeNode, type Located, locate, type MapEntry, pathText } from './node.ts';
import { type Span, spanAt } from './source-text.ts';
import { nearest } from './suggest.ts';
import { quoted } from './yaml-quoting.ts';

type Issue = z.core.$ZodIssue;

export interface IssueContext {
  readonly schema: z.core.$ZodType;
  readonly node: ConfigNode;
  /** What the options belong to, for messages: `the step "parse"`. */
  readonly place: string;
  /** Where something that is missing is reported. */
  readonly owner: Span;
  readonly diagnostics: Diagnostics;
}

/** Reports what a schema found wrong, at the positions in the file. */
export function reportIssues(issues: readonly Issue[], context: IssueContext): void {
  for (const issue of issues) reportIssue(issue, [], context);
}

function reportIssue(issue: Issue, base: readonly PropertyKey[], context: IssueContext): void {
  const path = [...base, ...issue.path];
  const located = locate(context.node, path);
  // What a definition finds missing may be what could not be read, which is reported where it stands.
  if (issue.code === 'custom' && hasInvalidEntry(context.node)) return;
  if (located.node.kind === 'invalid') return;
  if (issue.code === 'unrecognized_keys') return reportUnknownKeys(issue.keys, path, context);
  if (located.rest.length > 0) {
    if (issue.code !== 'custom') return reportMissing(path, located, context);
    context.diagnostics.error('CONFIG_INVALID_VALUE', ownerOf(located, context), {
      key: keyName(path, context),
      reason: issue.message,
    });
    return;
  }
  if (issue.code === 'invalid_union') return reportUnion(issue, path, context);
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    for (const each of issue.issues) reportValue(each, path, context);
    return;
  }
  reportValue(issue, path, context);
}

function hasInvalidEntry(node: ConfigNode): boolean {
  return node.kind === 'map' && [...node.entries.values()].some(({ value }) => value.kind === 'invalid');
}

function reportUnknownKeys(keys: readonly string[], path: readonly PropertyKey[], context: IssueContext): void {
  const { node } = locate(context.node, path);
  if (node.kind !== 'map') return;
  for (const key of keys) {
    const entry = node.entries.get(key);
    if (entry !== undefined)
      reportUnknownKey(entry, schemasAt(context.schema, path), { path, place: context.place, diagnostics: context.diagnostics });
  }
}

export interface KeyPlace {
  /** Of the mapping that has the key. */
  readonly path: readonly PropertyKey[];
  readonly place: string;
  readonly diagnostics: Diagnostics;
}

/** Reports a key that the schemas of its mapping do not know. What stands there may be a secret under a misspelt key. */
export function reportUnknownKey(entry: MapEntry, schemas: readonly z.core.$ZodType[], at: KeyPlace): void {
  const known = keysOf(schemas) ?? [];
  const meant = keyInValue(entry, known) ?? nearest(entry.key, known);
  if (known.some((key) => kindsOf(childrenOf(schemas, key)).has('secret'))) at.diagnostics.hide('', entry.value);
  const parameters = { key: quoted(entry.key), place: placeText(at.path, at.place) };
  at.diagnostics.error('CONFIG_UNKNOWN_KEY', entry.keySpan, parameters, meant === undefined ? undefined : quoted(meant));
}

/** Where other tools write `type: tumbling`, the value is the key here. */
export function keyInValue({ key, value }: MapEntry, known: readonly string[]): string | undefined {
  const names = (key === 'type' || key === 'kind') && value.kind === 'scalar' ? known : [];
  return names.find((name) => value.kind === 'scalar' && name === value.value);
}

function reportMissing(path: readonly PropertyKey[], located: Located, context: IssueContext): void {
  const parent = path.slice(0, path.length - located.rest.length);
  const parameters = { place: placeOf(parent, context), key: quoted(String(located.rest[0])) };
  context.diagnostics.error('CONFIG_MISSING_KEY', ownerOf(located, context), parameters);
}

/** Where something that is not there is reported: at the key of what should have it. */
function ownerOf({ entry, node }: Located, context: IssueContext): Span {
  if (node === context.node) return context.owner;
  return entry?.keySpan ?? spanAt(node.source, node.start, node.start + 1);
}

/** Of a union, what is said is about the branch that the value fits best; where it fits none, all of them are named. */
function reportUnion(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[], context: IssueContext): void {
  const { node } = locate(context.node, path);
  const isOther = (each: Issue): boolean =>
    each.path.length === 0 && (each.code === 'invalid_type' || (each.code === 'invalid_value' && node.kind !== 'scalar'));
  const near = issue.errors.filter((branch) => branch.length > 0 && !branch.some(isOther));
  if (issue.message !== 'Invalid input') return reportValue(issue, path, context);
  const best = near.toSorted((a, b) => b.length - a.length).at(-1);
  if (best !== undefined) {
    for (const each of best) reportIssue(each, path, context);
    return;
  }
  const expected = new Set(
    issue.errors
      .flat()
      .map((each) => expectedOf(each))
      .filter((text) => text !== undefined),
  );
  if (expected.size === 0) return reportValue(issue, path, context);
  reportWrongType([...expected].join(' or '), path, context);
}

function expectedOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return typeName(issue.expected);
  return issue.code === 'invalid_value' ? valuesText(issue.values) : undefined;
}

function reportValue(issue: Issue, path: readonly PropertyKey[], context: IssueContext): void {
  const { node } = locate(context.node, path);
  if (issue.code === 'invalid_type') return reportWrongType(typeName(issue.expected), path, context);
  const key = keyName(path, context);
  if (issue.code === 'invalid_value') {
    const texts = issue.values.filter((value) => typeof value === 'string');
    const meant = node.kind === 'scalar' && typeof node.value === 'string' ? nearest(node.value, texts) : undefined;
    const parameters = { key, reason: `must be ${valuesText(issue.values)}` };
    context.diagnostics.error('CONFIG_INVALID_VALUE', node, parameters, meant === undefined ? undefined : quoted(meant));
    return;
  }
  // A schema may find fault with a key of a mapping of any keys: its message then begins with that key.
  const { entry } = locate(context.node, path);
  const ofKey = entry !== undefined && issue.message.startsWith(JSON.stringify(entry.key));
  const at = ofKey ? entry.keySpan : path.length === 0 ? context.owner : atStart(node);
  context.diagnostics.error('CONFIG_INVALID_VALUE', at, { key: ofKey ? context.place : key, reason: reasonOf(issue) });
}

function reportWrongType(expected: string, path: readonly PropertyKey[], context: IssueContext): void {
  const { node } = locate(context.node, path);
  const kinds = kindsOf(schemasAt(context.schema, path));
  const number = node.kind === 'scalar' && (typeof node.value === 'number' || typeof node.value === 'boolean');
  let wanted = expected;
  if (kinds.has('duration')) wanted = 'a time with its unit (500ms, 10s, 5m, 7d)';
  else if (kinds.has('size')) wanted = 'a size with its unit (512B, 64KB, 5MB)';
  else if (expected === 'text' && number) wanted = 'text (put it in quotes)';
  else if (expected.startsWith('a list') && node.kind === 'scalar') wanted = expected.replace('a list', 'a list ([ ... ])');
  context.diagnostics.error('CONFIG_WRONG_TYPE', atStart(node), {
    key: keyName(path, context),
    expected: wanted,
    got: describeNode(node),
  });
}

/** A mapping or list is meant as a whole; its first line is enough to see which. */
function atStart(node: ConfigNode): Span {
  return node.kind === 'scalar'
    ? node
    : spanAt(node.source, node.start, Math.min(node.end, node.source.lineRange(node.start).end));
}

function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return bound(
        issue.origin,
        `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`,
        Number(issue.minimum),
      );
    case 'too_big':
      return bound(
        issue.origin,
        `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`,
        Number(issue.maximum),
      );
    case 'not_multiple_of':
      return issue.divisor === 1 ? 'must be a whole number' : `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `is no valid ${issue.format}` : issue.message;
    default:
      return issue.message;
  }
}

function bound(origin: string, text: string, limit: number): string {
  if (origin === 'string')
    return limit === 1 && text.startsWith('at least') ? 'must not be empty' : `must have ${text} characters`;
  if (origin === 'array' || origin === 'set')
    return limit === 1 && text.startsWith('at least') ? 'must not be an empty list' : `must have ${text} items`;
  if (origin === 'record' || origin === 'map')
    return limit === 1 && text.startsWith('at least') ? 'must not be empty' : `must have ${text} keys`;
  return `must be ${text}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function valuesText(values: readonly z.core.util.Primitive[]): string {
  const texts = values.map((value) => (typeof value === 'string' ? value : String(value)));
  if (texts.length === 1) return texts[0] as string;
  return texts.length > 12
    ? `one of ${texts.slice(0, 12).join(', ')}, ...`
    : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}

function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  return path.reduce<z.core.$ZodType[]>(childrenOf, [schema]);
}

function placeOf(path: readonly PropertyKey[], context: IssueContext): string {
  return placeText(path, context.place);
}

function placeText(path: readonly PropertyKey[], place: string): string {
  return path.length === 0 ? place : `${quoted(pathText(path))} of ${place}`;
}

function keyName(path: readonly PropertyKey[], context: IssueContext): string {
  return path.length === 0 ? context.place : quoted(pathText(path));
}
