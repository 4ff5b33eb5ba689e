import type { Expression, Identifier, MemberExpression } from 'acorn';
import { suggest } from '../errors/suggest.ts';
import { eventTime } from '../record/event-time.ts';
import { ANY, type FieldType, NUMBER, OBJECT, type RecordType, STRING } from '../sdk/types/index.ts';
import { at, FORBIDDEN_NAMES, isSafeName, ownField } from './access.ts';
import { complainOfUnknownType, fieldBelow, type Step } from './check-fields.ts';
import { quote } from './emit-literal.ts';
import { type AnyExpression, BROKEN, type Emitted, unwrap } from './emitted.ts';
import type { Emitter } from './emitter.ts';
import { fieldProof } from './narrowing/proof.ts';

/** The name of the record's value in the generated code. */
export const VALUE = 'v';

/** Levels of one path. */
const MOST_LEVELS = 100;

/** Metadata of a record, and what they are before any record is seen. `$time` may be missing, `$key` too. */
const METADATA: ReadonlyMap<string, RecordType> = new Map([
  ['$value', OBJECT],
  ['$time', NUMBER],
  ['$key', STRING],
  ['$headers', OBJECT],
  ['$topic', STRING],
  ['$partition', NUMBER],
  ['$offset', NUMBER],
]);

/** What other tools call them. */
const FOREIGN_METADATA: ReadonlyMap<string, string> = new Map([
  ['$', '$value'],
  ['$record', '$value'],
  ['$event', '$value'],
  ['$timestamp', '$time'],
  ['$ts', '$time'],
]);

/** Names that JavaScript gives a meaning, and that a user means by them; as fields they are `$value.NaN`. */
const NO_FIELDS: ReadonlyMap<string, string> = new Map([
  ['undefined', 'write exists(field) or is_null(field), or give a value in its place with ??'],
  ['NaN', 'arithmetic that has no result is missing: write exists(value)'],
  ['Infinity', 'numbers are those of JSON, which has no infinity'],
  ['arguments', 'a field of that name is $value.arguments'],
]);

/** One level of a path: a name or an index that is written out, or one that is computed. */
type Level = { readonly name: string | number; readonly node: Expression } | { readonly computed: Emitted };

/** A chain of `.name` and `[index]`, with what it begins with. */
interface Chain {
  readonly base: AnyExpression;
  readonly levels: readonly Level[];
}

/** A field path, metadata, or levels below any other expression. */
export function emitPath(emitter: Emitter, node: Identifier | MemberExpression): Emitted {
  const chain = chainOf(emitter, node);
  if (chain === undefined) return BROKEN;
  const { base, levels } = chain;
  if (node.type === 'MemberExpression' && isFieldReference(emitter.source(node), base, levels)) {
    const path = emitter
      .source(node)
      .replaceAll(/\]\s*\[/g, '.')
      .replaceAll(/[[\]]/g, '');
    return emitter.report(
      'EXPRESSION_UNSUPPORTED',
      node,
      { what: `\`${emitter.source(node)}\``, instead: `a field path is ${path}` },
      path,
    );
  }
  if (base.type !== 'Identifier') return below(emitter, emitter.emit(base), levels, emitter.source(base));
  const other = emitter.emitBase(base, namesOf(levels));
  if (other !== undefined) return other === BROKEN ? BROKEN : below(emitter, other, levels, base.name);
  if (base.name.startsWith('$')) return emitMetadata(emitter, node, base, levels);
  const wrong = NO_FIELDS.get(base.name);
  if (wrong !== undefined) return emitter.report('EXPRESSION_UNSUPPORTED', base, { what: base.name, instead: wrong });
  if (!checkName(emitter, base.name, base)) return BROKEN;
  return emitField(emitter, node, [{ name: base.name, node: base }, ...levels]);
}

/** `[http][response]`, as Logstash writes a path: here that would be an element of a list, which no field name can find. */
function isFieldReference(written: string, base: AnyExpression, levels: readonly Level[]): boolean {
  if (
    !written.startsWith('[') ||
    base.type !== 'ArrayExpression' ||
    base.elements.length !== 1 ||
    base.elements[0]?.type !== 'Identifier'
  )
    return false;
  return levels.every((level) => 'computed' in level);
}

/** The levels of a path whose names are all written out, for `map` to write to; notes a problem where it is none. */
export function writablePath(emitter: Emitter, node: AnyExpression): string[] | undefined {
  const target = unwrap(node);
  if (target.type !== 'Identifier' && target.type !== 'MemberExpression') return refuseTarget(emitter, target);
  const chain = chainOf(emitter, target);
  if (chain === undefined) return undefined;
  const { base, levels } = chain;
  if (base.type !== 'Identifier') return refuseTarget(emitter, target);
  const fromValue = base.name === '$value';
  if (base.name.startsWith('$') && !fromValue) {
    emitter.report('EXPRESSION_STATEMENT', base, { reason: `${base.name} is metadata and cannot be changed` });
    return undefined;
  }
  const names = fromValue ? [] : [base.name];
  for (const level of levels) {
    if (!('name' in level) || typeof level.name !== 'string') return refuseTarget(emitter, target);
    names.push(level.name);
  }
  if (names.length === 0) return refuseTarget(emitter, target);
  return fromValue || checkName(emitter, base.name, base) ? names : undefined;
}

function refuseTarget(emitter: Emitter, target: AnyExpression): undefined {
  emitter.report('EXPRESSION_STATEMENT', target, {
    reason: `\`${emitter.source(target)}\` is no field path that can be changed`,
  });
  return undefined;
}

function chainOf(emitter: Emitter, node: Identifier | MemberExpression): Chain | undefined {
  const levels: Level[] = [];
  let here: AnyExpression = node;
  let sound = true;
  while (here.type === 'MemberExpression') {
    const level = levelOf(emitter, here);
    if (level === undefined) sound = false;
    else levels.push(level);
    here = unwrap(here.object);
  }
  if (levels.length > MOST_LEVELS) {
    emitter.report('EXPRESSION_TOO_LARGE', node, { what: 'path', reason: `it has more than ${MOST_LEVELS} levels` });
    return undefined;
  }
  levels.reverse();
  return sound ? { base: here, levels } : undefined;
}

function levelOf(emitter: Emitter, member: MemberExpression): Level | undefined {
  const property = unwrap(member.property);
  if (property.type === 'PrivateIdentifier' || property.type === 'Super' || property.type === 'SpreadElement') {
    emitter.report('EXPRESSION_UNSUPPORTED', property, { what: emitter.source(property), instead: 'write the name of a field' });
    return undefined;
  }
  if (!member.computed && property.type === 'Identifier') {
    return checkName(emitter, property.name, property) ? { name: property.name, node: property } : undefined;
  }
  if (property.type === 'Literal' && typeof property.value === 'string') {
    return checkName(emitter, property.value, property) ? { name: property.value, node: property } : undefined;
  }
  if (property.type === 'Literal' && typeof property.value === 'number') return { name: property.value, node: property };
  return { computed: emitter.emit(property) };
}

function checkName(emitter: Emitter, name: string, node: Expression): boolean {
  if (!FORBIDDEN_NAMES.has(name)) return true;
  emitter.report('EXPRESSION_FORBIDDEN_NAME', node, { name });
  return false;
}

/** The levels of a path up to the first that is no name. */
function namesOf(levels: readonly Level[]): string[] {
  const names: string[] = [];
  for (const level of levels) {
    if (!('name' in level) || typeof level.name !== 'string') break;
    names.push(level.name);
  }
  return names;
}

/** A field of the record's value. */
function emitField(emitter: Emitter, node: Identifier | MemberExpression, levels: readonly Level[]): Emitted {
  const path = namesOf(levels);
  emitter.reads(path, node);
  const value = below(emitter, { code: VALUE, type: emitter.record ?? OBJECT, present: true }, levels, '');
  // What has been reported already is not reported as unknown too.
  if (value === BROKEN) return BROKEN;
  complainOfUnknownType(emitter, node, value);
  const isField = path.length === levels.length && emitter.record !== undefined;
  return isField ? { ...value, field: path, prove: fieldProof(path, value.type) } : value;
}

function emitMetadata(
  emitter: Emitter,
  node: Identifier | MemberExpression,
  base: Identifier,
  levels: readonly Level[],
): Emitted {
  const type = METADATA.get(base.name);
  if (type === undefined) {
    const near = FOREIGN_METADATA.get(base.name) ?? suggest(base.name, METADATA.keys());
    const instead = near === undefined ? `there are ${[...METADATA.keys()].join(', ')}` : `did you mean ${near}?`;
    return emitter.report('EXPRESSION_UNKNOWN_METADATA', base, { name: base.name, instead }, near);
  }
  if (base.name === '$value' && levels.length > 0) return emitField(emitter, node, levels);
  if (base.name !== '$value' && emitter.place === 'result') return refuseMetadata(emitter, base);
  emitter.readsRecord = true;
  if (base.name === '$headers') return emitHeader(emitter, base, levels);
  return below(emitter, metadataItself(emitter, base, type), levels, base.name);
}

function refuseMetadata(emitter: Emitter, base: Identifier): Emitted {
  const reason = `${base.name} is of a single record, and a result has many: put it into an aggregate, such as last(${base.name})`;
  return emitter.report('EXPRESSION_AGGREGATE', base, { reason });
}

function metadataItself(emitter: Emitter, base: Identifier, type: RecordType): Emitted {
  const { name } = base;
  if (name === '$value') {
    emitter.reads([], base);
    return { code: VALUE, type: emitter.record ?? type, present: true };
  }
  if (name === '$time') {
    emitter.reads(['@timestamp'], base);
    return { code: `${emitter.constant(eventTime)}(record)`, type, present: false };
  }
  return { code: `record.${name.slice(1)}`, type, present: name !== '$key' };
}

function emitHeader(emitter: Emitter, base: Identifier, levels: readonly Level[]): Emitted {
  const [level, ...rest] = levels;
  if (level === undefined) {
    return emitter.report('EXPRESSION_UNSUPPORTED', base, { what: '$headers alone', instead: "name a header: $headers['x']" });
  }
  const name = 'name' in level ? quote(String(level.name)) : `${emitter.constant(headerName)}(${level.computed.code})`;
  return below(emitter, { code: `record.header(${name})`, type: STRING, present: false }, rest, '$headers[...]');
}

/** The name of a header that is computed. No header has an empty name. */
function headerName(name: unknown): string {
  return typeof name === 'string' ? name : '';
}

/**
 * Reads levels below a value, which is called `name` in messages. Names that nothing inherits are read plainly, which costs no more than
 * hand-written code.
 */
function below(emitter: Emitter, from: Emitted, levels: readonly Level[], name: string): Emitted {
  if (levels.length === 0) return from;
  let { code } = from;
  const found = typeBelow(emitter, from, levels, name);
  if (found === undefined) return BROKEN;
  // Only the record's value itself is sure to be an object: anything else may be null, below which nothing is.
  let step = code === VALUE ? '' : '?.';
  for (const level of levels) {
    if ('computed' in level) code = `${emitter.constant(at)}(${code},${level.computed.code})`;
    else if (typeof level.name === 'number') code = `${emitter.constant(at)}(${code},${level.name})`;
    else if (!isSafeName(level.name)) code = `${emitter.constant(ownField)}(${code},${quote(level.name)})`;
    else code = `${code}${step}[${quote(level.name)}]`;
    step = '?.';
  }
  return { code, type: found.type, present: emitter.record !== undefined && found.always };
}

/** What is known of the value there; `undefined`: it can't be there, which is reported. */
function typeBelow(emitter: Emitter, from: Emitted, levels: readonly Level[], name: string): FieldType | undefined {
  let here: FieldType | undefined = { type: from.type, always: from.present };
  const steps: Step[] = [];
  for (const level of levels) {
    if ('computed' in level || typeof level.name === 'number') here = elementOf(here);
    else {
      steps.push({ name: level.name, node: level.node });
      here = fieldBelow(emitter, here, steps, name);
    }
    if (here === undefined) return undefined;
  }
  return here;
}

/** A level that is computed or a number: an element of a list, or any field. */
function elementOf({ type }: FieldType): FieldType {
  if (type.object !== undefined || type.list === undefined) return { type: ANY, always: false };
  return { type: type.list, always: false };
}
