import type { Expression, PrivateIdentifier, SpreadElement, Super } from 'acorn';
import type { FieldPath } from '../record/path.ts';
import { ANY } from '../sdk/types/index.ts';
import type { Proving } from './narrowing/proof.ts';

/** JavaScript for one expression. */
export interface Emitted extends Proving {
  /** An expression that can stand anywhere: a call, a name, a literal, or in brackets. */
  readonly code: string;
  /** The field of the record that it is, where it is one and types are looked at. */
  readonly field?: FieldPath;
}

/** Any node that can stand where a value is read. */
export type AnyExpression = Expression | SpreadElement | Super | PrivateIdentifier;

/** What stands for an expression that has a problem: compiling goes on, to find the others. */
export const BROKEN: Emitted = { code: '(undefined)', type: ANY, present: false };

/** Takes the brackets off. */
export function unwrap(node: AnyExpression): AnyExpression {
  let here: AnyExpression = node;
  while (here.type === 'ParenthesizedExpression') here = here.expression;
  return here;
}
