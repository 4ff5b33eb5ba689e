import type { CallExpression, Expression, Literal, MemberExpression, SpreadElement } from 'acorn';
import { suggest } from '../errors/suggest.ts';
import type { JsonValue } from '../record/json.ts';
import { checkRegExp } from '../sdk/regex.ts';
import { ANY, type RecordType, sharesKind } from '../sdk/types/index.ts';
import { FUNCTION_ADVICE, FUNCTION_INSTEAD, METHOD_ADVICE } from './advice.ts';
import { kindNames, typeOfKind } from './check-values.ts';
import { type AnyExpression, BROKEN, type Emitted, unwrap } from './emitted.ts';
import type { Asking, Emitter } from './emitter.ts';
import { type Callable, type ExpressionFunction, type Parameter, signatureOf } from './functions/definition.ts';
import { builtInFunctions } from './functions/index.ts';
import { callProof } from './narrowing/call-proof.ts';
import type { Scalar } from './narrowing/outcome.ts';
import { Pattern } from './pattern.ts';

const MOST_ARGUMENTS = 100;

/** A call of a listed function. */
export function emitCall(emitter: Emitter, node: CallExpression): Emitted {
  const callee = unwrap(node.callee);
  if (callee.type === 'MemberExpression') return refuseMethod(emitter, node, callee);
  if (callee.type !== 'Identifier') {
    return emitter.report('EXPRESSION_UNSUPPORTED', node, {
      what: `calling \`${emitter.source(callee)}\``,
      instead: 'only functions can be called, by name',
    });
  }
  const aggregate = emitter.emitAggregate(node, callee);
  if (aggregate !== undefined) return aggregate;
  const definition = emitter.scope.functions.get(callee.name);
  if (definition === undefined) {
    for (const argument of node.arguments) if (!isRegExp(argument)) emitter.emit(argument);
    return refuseUnknown(emitter, callee);
  }
  const wrong = wrongCount(definition, node.arguments.length);
  if (wrong !== undefined)
    return emitter.report('EXPRESSION_ARGUMENTS', node, { signature: signatureOf(definition), reason: wrong });
  const given = node.arguments.map((argument, i) => emitArgument(emitter, definition, parameterAt(definition, i), argument));
  const literals = node.arguments.map((argument) => literalOrList(argument));
  const complaint = definition.check?.(literals);
  if (complaint !== undefined)
    return emitter.report('EXPRESSION_ARGUMENTS', node, { signature: signatureOf(definition), reason: complaint });
  const call = definition.prepare?.(literals) ?? definition.call;
  const type = definition.yields?.(given.map((argument) => argument.type)) ?? typeOfKind(definition.returns);
  const proof = emitter.proving(() => callProof(definition, given, takenBy(definition, node.arguments)));
  return { code: `${emitter.constant(call)}(${given.map(({ code }) => code).join(',')})`, type, present: false, ...proof };
}

/**
 * The type that each argument must be of for there to be a result. Built-in functions keep to it that there is none of anything else; of
 * those of plugins nobody knows.
 */
function takenBy(definition: ExpressionFunction, given: CallExpression['arguments']): readonly (RecordType | undefined)[] {
  if (builtInFunctions.get(definition.name) !== definition) return given.map(() => undefined);
  return given.map((argument, i) => {
    const { type, optional, rest } = parameterAt(definition, i);
    if (optional || rest || type === 'any' || type === 'regexp' || isRegExp(unwrap(argument))) return undefined;
    return typeOfKind(type === 'string or regexp' ? 'string' : type);
  });
}

/** Functions that ask whether there is a value, and nothing else of it. */
const PRESENCE: ReadonlySet<string> = new Set(['exists', 'is_null', 'type_of']);

/** What takes anything takes also what nothing is known of. */
function askingOf({ name }: ExpressionFunction): Asking {
  return PRESENCE.has(name) || name === 'coalesce' ? 'presence' : 'anything';
}

/** What is wrong with calling it with so many arguments. */
export function wrongCount(definition: Callable, count: number): string | undefined {
  const { parameters } = definition;
  const rest = parameters.at(-1)?.rest === true;
  const least = parameters.filter(({ optional }) => !optional).length;
  const most = rest ? MOST_ARGUMENTS : parameters.length;
  if (count >= least && count <= most) return undefined;
  const wanted = rest ? `${least} to ${MOST_ARGUMENTS}` : least === most ? `${least}` : `${least} to ${most}`;
  return `it takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`;
}

function parameterAt(definition: ExpressionFunction, i: number): Parameter {
  return (definition.parameters[i] ?? definition.parameters.at(-1)) as Parameter;
}

function emitArgument(
  emitter: Emitter,
  definition: ExpressionFunction,
  parameter: Parameter,
  node: Expression | SpreadElement,
): Emitted {
  const argument = unwrap(node);
  const takesPattern = parameter.type === 'regexp' || parameter.type === 'string or regexp';
  if (takesPattern && isRegExp(argument)) return { code: emitPattern(emitter, argument), type: ANY, present: true };
  const emitted = parameter.type === 'any' ? emitter.emitAsked(node, askingOf(definition)) : emitter.emit(node);
  if (emitted === BROKEN) return emitted;
  const reason = mismatch(parameter, emitted, emitter.source(node));
  if (reason !== undefined) emitter.report('EXPRESSION_ARGUMENTS', node, { signature: signatureOf(definition), reason });
  return emitted;
}

/** What is wrong with an argument of this type. */
export function mismatch(parameter: Parameter, { type }: Emitted, source: string): string | undefined {
  if (parameter.type === 'regexp') return `${parameter.name} is a regular expression, written between slashes: /pattern/`;
  const wanted = parameter.type === 'string or regexp' ? 'string' : parameter.type;
  if (sharesKind(type, typeOfKind(wanted))) return undefined;
  return `${parameter.name} is of type ${parameter.type}, and \`${source}\` is of type ${kindNames(type)}`;
}

function isRegExp(node: AnyExpression): node is Literal {
  return node.type === 'Literal' && Boolean(node.regex);
}

function emitPattern(emitter: Emitter, node: Literal): string {
  const { pattern, flags } = node.regex ?? { pattern: '', flags: '' };
  const checked = checkRegExp(pattern, flags);
  if (checked.ok) return emitter.constant(new Pattern(pattern, flags, checked.maxInput));
  return emitter.report('EXPRESSION_REGEXP', node, { pattern: emitter.source(node), reason: checked.reason }).code;
}

/** The value of an argument that is written out; `undefined` where it is not. */
export function literalOf(node: Expression | SpreadElement): Scalar | undefined {
  const argument = unwrap(node);
  if (argument.type !== 'Literal' || argument.regex) return undefined;
  const { value } = argument;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : undefined;
}

/** The same, negative numbers, and lists of all these, to the depth of a list of points. */
function literalOrList(node: Expression | SpreadElement, depth = 0): JsonValue | undefined {
  const argument = unwrap(node);
  if (argument.type === 'UnaryExpression' && argument.operator === '-') {
    const value = literalOf(argument.argument);
    return typeof value === 'number' ? -value : undefined;
  }
  if (argument.type !== 'ArrayExpression' || depth > 1) return literalOf(node);
  const elements = argument.elements.map((element) => (element === null ? undefined : literalOrList(element, depth + 1)));
  return elements.every((element) => element !== undefined) ? elements : undefined;
}

function refuseUnknown(emitter: Emitter, callee: { name: string; start: number; end: number }): Emitted {
  const names = emitter.scope.functions;
  if (emitter.scope.aggregates?.has(callee.name)) return refuseAggregate(emitter, callee);
  const other = FUNCTION_INSTEAD.get(callee.name);
  if (other !== undefined) {
    const parameters = { name: callee.name, instead: other.instead };
    return emitter.report('EXPRESSION_UNKNOWN_FUNCTION', callee, parameters, other.suggestion);
  }
  const foreign = FUNCTION_ADVICE.get(callee.name);
  const near =
    foreign !== undefined && names.has(foreign)
      ? foreign
      : suggest(callee.name, [...names.keys(), ...(emitter.place === 'result' ? (emitter.scope.aggregates?.keys() ?? []) : [])]);
  const instead = near === undefined ? 'the functions are listed in docs/reference/functions.md' : `did you mean ${near}?`;
  return emitter.report('EXPRESSION_UNKNOWN_FUNCTION', callee, { name: callee.name, instead }, near);
}

function refuseAggregate(emitter: Emitter, callee: { name: string; start: number; end: number }): Emitted {
  const reason =
    emitter.place === 'aggregate'
      ? `${callee.name}() is an aggregate and cannot stand within another: give it a name of its own in \`compute\`, before this one`
      : `${callee.name}() is an aggregate: it can be called in the \`compute\` of a window only`;
  return emitter.report('EXPRESSION_AGGREGATE', callee, { reason });
}

function refuseMethod(emitter: Emitter, node: CallExpression, callee: MemberExpression): Emitted {
  const property = unwrap(callee.property);
  const name = !callee.computed && property.type === 'Identifier' ? property.name : undefined;
  const instead =
    name === undefined
      ? 'only functions can be called, by name'
      : (METHOD_ADVICE.get(name) ?? `functions stand before their arguments: ${name}(value)`);
  return emitter.report('EXPRESSION_UNSUPPORTED', node, {
    what: `calling \`${emitter.source(callee)}\``,
    instead: METHOD_ADVICE.has(name ?? '') ? `write ${instead}` : instead,
  });
}
