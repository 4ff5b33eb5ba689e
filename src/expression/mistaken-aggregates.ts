import type { CallExpression, Identifier, Node } from 'acorn';
import type { AggregateSignature } from '../sdk/aggregate-function.ts';
import { unwrap } from './emitted.ts';
import { builtInFunctions } from './functions/index.ts';
import { parseBounded } from './parser.ts';
import { type ExpressionProblem, problem } from './problem.ts';

/**
 * Calls in an expression over a result that mean a function of a list, `sum(bytes)`, where the aggregate of that name was meant, as in SQL's HAVING.
 * Lists that are written out are no mistake. Of a text that does not parse there is nothing to say here.
 */
export function mistakenAggregates(
  text: string,
  aggregates: ReadonlyMap<string, AggregateSignature>,
): readonly ExpressionProblem[] {
  const parsed = parseBounded(text);
  if ('problem' in parsed) return [];
  return callsIn(parsed.node)
    .filter(({ callee, arguments: [argument] }) => {
      const takesList = builtInFunctions.get(callee.name)?.parameters[0]?.type === 'array';
      const takesNumber = aggregates.get(callee.name)?.parameters[0]?.type === 'number';
      return takesList && takesNumber && argument !== undefined && unwrap(argument).type !== 'ArrayExpression';
    })
    .map(({ callee, start, end }) => {
      const reason = `${callee.name}() is an aggregate: give \`${text.slice(start, end)}\` a name in \`compute\`, and write that name here`;
      return problem('EXPRESSION_AGGREGATE', { start: callee.start, end: callee.end }, { reason });
    });
}

type NamedCall = CallExpression & { readonly callee: Identifier };

function callsIn(node: Node): readonly NamedCall[] {
  const inner = Object.values(node).flatMap((part: unknown) =>
    (Array.isArray(part) ? part : [part]).filter(isNode).flatMap(callsIn),
  );
  return isNamedCall(node) ? [node, ...inner] : inner;
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && 'type' in part && 'start' in part;
}

function isNamedCall(node: Node): node is NamedCall {
  return node.type === 'CallExpression' && (node as CallExpression).callee.type === 'Identifier';
}
