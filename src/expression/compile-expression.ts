import { Emitter } from './emitter.ts';
import { parseBounded } from './parser.ts';
import { type CompileResult, failed, finish } from './program.ts';
import type { ExpressionScope } from './scope.ts';

/**
 * Compiles an expression to one plain function.
 *
 * The language is a subset of JavaScript with these differences, so that records of any shape are safe to ask:
 * - A missing field is `undefined` at any depth and never throws. What is inherited (`toString`, the `length` of a
 *   list) is no field.
 * - `===` and `!==` convert nothing; what is missing equals nothing, so `a === b` is false where both are missing.
 *   `==` and `!=` are refused.
 * - `<`, `<=`, `>`, `>=` compare numbers with numbers and texts with texts; anything else is false.
 * - `-`, `*`, `/`, `%`, `**` of anything but numbers, and results that are no finite number, are missing. `+` adds
 *   numbers or joins a text with a text, number or boolean; else it is missing.
 * - `x in y` is membership in a list, being a part of a text, or being the name of a field of an object.
 * - `&&`, `||`, `!`, `??`, `?:` are JavaScript's: 0, '', null, false and what is missing count as false.
 */
export function compileExpression(text: string, scope: ExpressionScope): CompileResult {
  const parsed = parseBounded(text);
  if ('problem' in parsed) return failed([parsed.problem]);
  const emitter = new Emitter(scope);
  emitter.text = text;
  return finish(emitter, emitter.emit(parsed.node).code);
}
