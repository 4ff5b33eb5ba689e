import type { BinaryExpression, ConditionalExpression, LogicalExpression, UnaryExpression } from 'acorn';
import { BOOLEAN, kindsText, NUMBER, oneOf, type RecordType, STRING, sharesKind, without } from '../sdk/types/index.ts';
import { complainOfContainer, complainOfMembers, complainOfTexts, isNullOnly, onlyKind } from './check-values.ts';
import { literalOf } from './emit-call.ts';
import { type AnyExpression, type Emitted, unwrap } from './emitted.ts';
import type { Emitter } from './emitter.ts';
import { arithmeticProof } from './narrowing/call-proof.ts';
import { FALSY, TRUTHY } from './narrowing/outcome.ts';
import {
  conditionalProof,
  containedProof,
  equalProof,
  falsyOf,
  LOGICAL,
  logicalProof,
  memberProof,
  notProof,
  orderProof,
  truthyOf,
} from './narrowing/proof.ts';
import { add, divide, equal, isIn, less, lessOrEqual, multiply, negate, power, remainder, subtract } from './operators.ts';

const ARITHMETIC: ReadonlyMap<string, typeof subtract> = new Map([
  ['-', subtract],
  ['*', multiply],
  ['/', divide],
  ['%', remainder],
  ['**', power],
]);

const ORDERS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

/** Operators of JavaScript that are left out, and what to write instead. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['==', 'write ===, which converts nothing'],
  ['!=', 'write !==, which converts nothing'],
  ['instanceof', "write type_of(x) === 'object'"],
  ['typeof', 'write type_of(x)'],
  ['void', 'remove it'],
  ['delete', '`delete path` is a statement of `map`'],
  ['+', 'write float(x) or int(x)'],
  ['~', 'there are no bit operators; to match a pattern write matches(text, /pattern/)'],
  ['&', 'there are no bit operators; write && for and'],
  ['|', 'there are neither bit operators nor filters; write || for or, and functions before their argument: lower(name)'],
  ['^', 'there are no bit operators; write ** for powers'],
  ['<<', 'there are no bit operators; write x * 2 ** n'],
  ['>>', 'there are no bit operators; write floor(x / 2 ** n)'],
  ['>>>', 'there are no bit operators; write floor(x / 2 ** n)'],
]);

/** What can be added: a boolean to a text only. */
const ADDABLE = oneOf(NUMBER, STRING, BOOLEAN);
const ORDERED = oneOf(NUMBER, STRING);
const CONTAINERS: RecordType = { string: {}, list: STRING, object: { fields: new Map() } };

export function emitUnary(emitter: Emitter, node: UnaryExpression): Emitted {
  if (node.operator === '!') return emitNot(emitter, node.argument);
  if (node.operator !== '-') return leftOut(emitter, node, node.operator);
  const argument = emitter.emit(node.argument);
  if (!sharesKind(argument.type, NUMBER)) return wrongType(emitter, node.argument, 'number', argument.type, '-');
  if (onlyKind(argument.type) === 'number' && argument.present)
    return { code: `(-${argument.code})`, type: NUMBER, present: true };
  const proof = emitter.proving(() => arithmeticProof([argument], false));
  return { code: `${emitter.constant(negate)}(${argument.code})`, type: NUMBER, present: false, ...proof };
}

function emitNot(emitter: Emitter, argument: AnyExpression): Emitted {
  const emitted = emitter.emit(argument);
  return { code: `(!${emitted.code})`, type: BOOLEAN, present: true, ...emitter.proving(() => notProof(emitted)) };
}

export function emitBinary(emitter: Emitter, node: BinaryExpression): Emitted {
  const { operator, left, right } = node;
  if (LEFT_OUT.has(operator) && operator !== '+') {
    emitter.emit(left);
    emitter.emit(right);
    return leftOut(emitter, node, operator);
  }
  const a = emitter.emit(left);
  if (operator === 'in') return emitIn(emitter, [left, a], right);
  const b = emitter.emit(right);
  if (operator === '===' || operator === '!==') return emitEqual(emitter, node, a, b);
  if (ORDERS.has(operator)) return emitOrder(emitter, node, a, b);
  if (operator === '+') return emitAdd(emitter, node, a, b);
  const calculate = ARITHMETIC.get(operator);
  if (calculate === undefined) return leftOut(emitter, node, operator);
  if (!sharesKind(a.type, NUMBER)) return wrongType(emitter, left, 'number', a.type, operator);
  if (!sharesKind(b.type, NUMBER)) return wrongType(emitter, right, 'number', b.type, operator);
  const proof = emitter.proving(() => arithmeticProof([a, b], false));
  return { code: `${emitter.constant(calculate)}(${a.code},${b.code})`, type: NUMBER, present: false, ...proof };
}

function emitAdd(emitter: Emitter, node: BinaryExpression, a: Emitted, b: Emitted): Emitted {
  for (const [operand, { type }] of [
    [node.left, a],
    [node.right, b],
  ] as const) {
    if (!sharesKind(type, ADDABLE)) return wrongType(emitter, operand, 'number or text', type, '+');
  }
  const kinds = [onlyKind(a.type), onlyKind(b.type)];
  const isText = kinds.includes('string');
  const type = isText ? STRING : kinds.every((kind) => kind === 'number') ? NUMBER : ORDERED;
  const proof = emitter.proving(() => arithmeticProof([a, b], true));
  return { code: `${emitter.constant(add)}(${a.code},${b.code})`, type, present: false, ...proof };
}

/** Where one side is never missing, JavaScript's own operator says the same, and is faster. */
function emitEqual(emitter: Emitter, node: BinaryExpression, a: Emitted, b: Emitted): Emitted {
  const { operator, left, right } = node;
  for (const operand of [left, right]) {
    const { type } = unwrap(operand);
    if (type !== 'ArrayExpression' && type !== 'ObjectExpression') continue;
    return emitter.report('EXPRESSION_TYPE', operand, {
      reason: 'lists and objects are not compared: write `x in [...]`, or compare to_json(x)',
    });
  }
  if (!sharesKind(a.type, b.type) && !isNullOnly(a.type) && !isNullOnly(b.type)) {
    return emitter.report('EXPRESSION_TYPE', node, {
      reason: `this compares ${kindsText(a.type)} with ${kindsText(b.type)}, which are never equal`,
    });
  }
  const differ = complainOfTexts(emitter, [left, a], [right, b], operator);
  if (differ !== undefined) return differ;
  const not = operator === '!==' ? '!' : '';
  const answer = { type: BOOLEAN, present: true, ...emitter.proving(() => equalProof(a, b, not === '!')) };
  if (a.present || b.present) return { code: `(${a.code}${operator}${b.code})`, ...answer };
  return { code: `(${not}${emitter.constant(equal)}(${a.code},${b.code}))`, ...answer };
}

/** Beside a number or a text, a test of the other side's type is all that it needs. */
function emitOrder(emitter: Emitter, node: BinaryExpression, a: Emitted, b: Emitted): Emitted {
  const { operator } = node;
  for (const [operand, { type }] of [
    [node.left, a],
    [node.right, b],
  ] as const) {
    if (!sharesKind(type, ORDERED)) return wrongType(emitter, operand, 'number or text', type, operator);
  }
  if (!sharesKind(a.type, b.type)) {
    return emitter.report('EXPRESSION_TYPE', node, {
      reason: `this compares ${kindsText(a.type)} with ${kindsText(b.type)}: convert one by int(), float() or string()`,
    });
  }
  const answer = { type: BOOLEAN, present: true, ...emitter.proving(() => orderProof(a, b)) };
  const plain = (test: Emitted, sure: Emitted, compare: (t: string) => string): Emitted => {
    const t = emitter.temporary();
    return { code: `(typeof(${t}=${test.code})==='${onlyKind(sure.type)}'&&${compare(t)})`, ...answer };
  };
  if (b.present && onlyKind(b.type) !== undefined) return plain(a, b, (t) => `${t}${operator}${b.code}`);
  if (a.present && onlyKind(a.type) !== undefined) return plain(b, a, (t) => `${a.code}${operator}${t}`);
  const compare = emitter.constant(operator.endsWith('=') ? lessOrEqual : less);
  const [first, second] = operator.startsWith('<') ? [a, b] : [b, a];
  return { code: `${compare}(${first.code},${second.code})`, ...answer };
}

/** Membership. A list of scalars that is written out is kept as a set, made once. */
function emitIn(emitter: Emitter, [node, element]: readonly [AnyExpression, Emitted], container: AnyExpression): Emitted {
  const list = unwrap(container);
  if (list.type === 'ArrayExpression') {
    const scalars = list.elements.map((entry) => (entry === null ? undefined : literalOf(entry)));
    if (scalars.every((scalar) => scalar !== undefined)) {
      const entries = list.elements.flatMap((entry) => (entry === null ? [] : [[entry, emitter.emit(entry)] as const]));
      complainOfMembers(emitter, [node, element], entries);
      const set = emitter.constant(new Set(scalars));
      const proof = emitter.proving(() => memberProof(element, scalars));
      return { code: `${set}.has(${element.code})`, type: BOOLEAN, present: true, ...proof };
    }
  }
  const b = emitter.emit(container);
  if (!sharesKind(b.type, CONTAINERS)) return wrongType(emitter, container, 'list, text or object', b.type, 'in');
  complainOfContainer(emitter, [node, element], [container, b]);
  const proof = emitter.proving(() => containedProof(element, b));
  return { code: `${emitter.constant(isIn)}(${element.code},${b.code})`, type: BOOLEAN, present: true, ...proof };
}

/** Its right side is evaluated, and its left side is the result, only where the left side is such that it is. */
export function emitLogical(emitter: Emitter, node: LogicalExpression): Emitted {
  const { operator } = node;
  const { goesOn, stays } = LOGICAL[operator];
  const a = operator === '??' ? emitter.emitAsked(node.left, 'default') : emitter.emit(node.left);
  const { emitted: b, possible } = emitter.emitWhere(a, goesOn, node.right);
  const left = operator === '&&' ? falsyOf(a.type) : operator === '||' ? truthyOf(a.type) : without(a.type, 'null');
  const results = [...(emitter.canBe(a, stays) ? [left] : []), ...(possible ? [b.type] : [])];
  const present = possible ? b.present && (operator !== '&&' || a.present) : operator !== '&&' || a.present;
  const proof = emitter.proving(() => logicalProof(operator, a, b));
  return { code: `(${a.code}${operator}${b.code})`, type: oneOf(...results), present, ...proof };
}

export function emitConditional(emitter: Emitter, node: ConditionalExpression): Emitted {
  const test = emitter.emit(node.test);
  const a = emitter.emitWhere(test, TRUTHY, node.consequent);
  const b = emitter.emitWhere(test, FALSY, node.alternate);
  const results = [a, b].flatMap(({ emitted, possible }) => (possible ? [emitted] : []));
  return {
    code: `(${test.code}?${a.emitted.code}:${b.emitted.code})`,
    type: oneOf(...results.map(({ type }) => type)),
    present: results.every(({ present }) => present),
    ...emitter.proving(() => conditionalProof(test, a.emitted, b.emitted)),
  };
}

function leftOut(emitter: Emitter, node: BinaryExpression | UnaryExpression, operator: string): Emitted {
  const suggestion = operator === '==' ? '===' : operator === '!=' ? '!==' : undefined;
  const at = operatorSpan(emitter, node, operator);
  return emitter.report(
    'EXPRESSION_UNSUPPORTED',
    at,
    { what: `the operator ${operator}`, instead: LEFT_OUT.get(operator) ?? 'it is not supported' },
    suggestion,
  );
}

function operatorSpan(
  emitter: Emitter,
  node: BinaryExpression | UnaryExpression,
  operator: string,
): { start: number; end: number } {
  const from = node.type === 'BinaryExpression' ? node.left.end : node.start;
  const start = Math.max(emitter.text.indexOf(operator, from), from);
  return { start, end: start + operator.length };
}

function wrongType(emitter: Emitter, node: AnyExpression, wanted: string, type: RecordType, operator: string): Emitted {
  return emitter.report('EXPRESSION_TYPE', node, {
    reason: `${operator} needs a ${wanted}, and \`${emitter.source(node)}\` is ${kindsText(type)}`,
  });
}
