import { type Expression, parseExpressionAt, type Super } from 'acorn';
import type { PatternEvent } from './options.ts';

/** The records that each element has taken so far. */
export type Taken = ReadonlyMap<string, readonly PatternEvent[]>;

/** Whether a record may be taken, given what was taken before. */
export type Condition = (event: PatternEvent, taken: Taken) => boolean;

type Value = string | number | boolean | undefined;
type Node = Expression | Super;

/**
 * A condition of a pattern as the documentation of Flink CEP means it, read by walking its tree: it shares the parser of JavaScript
 * with the expressions of pipelines, and nothing else. It has what the cases and the generated patterns need: fields, literals,
 * comparisons, arithmetic, `&& || !`, and earlier matches by the names of elements.
 */
export function conditionOf(text: string | undefined): Condition {
  if (text === undefined) return () => true;
  const tree = parseExpressionAt(text, 0, { ecmaVersion: 2022 });
  return (event, taken) => evaluate(tree, event, taken) === true;
}

function evaluate(node: Node, event: PatternEvent, taken: Taken): Value {
  const inner = (each: Node): Value => evaluate(each, event, taken);
  switch (node.type) {
    case 'Literal':
      return node.value as Value;
    case 'Identifier':
      return event[node.name];
    case 'ParenthesizedExpression':
      return inner(node.expression);
    case 'UnaryExpression':
      return node.operator === '!' ? inner(node.argument) !== true : -Number(inner(node.argument));
    case 'LogicalExpression':
      if (node.operator === '&&') return inner(node.left) === true && inner(node.right) === true;
      return inner(node.left) === true || inner(node.right) === true;
    case 'BinaryExpression':
      return binary(node.operator, inner(node.left as Expression), inner(node.right));
    case 'MemberExpression':
      return columnOf(node, taken).at(-1);
    case 'CallExpression':
      return call(node.callee, node.arguments[0] as Expression, taken);
    default:
      throw new Error(`the oracle of patterns knows no ${node.type}`);
  }
}

/** Comparing with a missing value is false, and adding to it is missing. */
function binary(operator: string, left: Value, right: Value): Value {
  if (left === undefined || right === undefined) return operator === '!==';
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      throw new Error(`the oracle of patterns knows no ${operator}`);
  }
}

/** The values of `element.field` in all that the element has taken. */
function columnOf(node: Node, taken: Taken): Value[] {
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier' || node.property.type !== 'Identifier') {
    throw new Error(`the oracle of patterns reads element.field only`);
  }
  const { name } = node.property;
  return (taken.get(node.object.name) ?? []).map((event) => event[name]);
}

function call(callee: Node, argument: Expression, taken: Taken): Value {
  const name = callee.type === 'Identifier' ? callee.name : '';
  if (name === 'count') return argument.type === 'Identifier' ? (taken.get(argument.name)?.length ?? 0) : undefined;
  const column = columnOf(argument, taken);
  const sum = column.reduce<number>((total, each) => total + Number(each), 0);
  if (name === 'sum') return sum;
  if (column.length === 0) return undefined;
  switch (name) {
    case 'first':
      return column[0];
    case 'last':
      return column.at(-1);
    case 'avg':
      return sum / column.length;
    case 'min':
      return Math.min(...column.map(Number));
    case 'max':
      return Math.max(...column.map(Number));
    default:
      throw new Error(`the oracle of patterns knows no ${name}()`);
  }
}
