import type { CompiledOption } from '../sdk/option.ts';
import { compileAggregate } from './compile-aggregate.ts';
import { compileExpression } from './compile-expression.ts';
import { compileMap } from './compile-map.ts';
import { compileMatch } from './compile-match.ts';
import { compileTemplate } from './compile-template.ts';
import { compileUrl } from './compile-url.ts';
import type { ExpressionProblem } from './problem.ts';
import type { ExpressionScope } from './scope.ts';

/** The language of pipeline files: expressions, `{{ }}` templates and `map` programs, compiled to plain functions. */

export { adviceOnField } from './check-fields.ts';
export { type CompiledAggregate, compileAggregate } from './compile-aggregate.ts';
export { compileExpression } from './compile-expression.ts';
export { compileMap } from './compile-map.ts';
export { compileTemplate } from './compile-template.ts';
export { foreignFields } from './foreign-template.ts';
export {
  type ExpressionFunction,
  type Parameter,
  type ParameterType,
  signatureOf,
  type ValueType,
} from './functions/definition.ts';
export { functionAreas } from './functions/index.ts';
export { mistakenAggregates } from './mistaken-aggregates.ts';
export type { ExpressionProblem } from './problem.ts';
export type { Compiled, CompileResult } from './program.ts';
export { defaultScope, type ExpressionScope, scopeWith } from './scope.ts';
export { type TypedOption, typeOption } from './type-option.ts';

const COMPILERS = { expression: compileExpression, template: compileTemplate, url: compileUrl, map: compileMap } as const;

/** Compiles an option and gives it its function. Returns what is wrong with it; then it stays unbound. */
export function bindOption(option: CompiledOption, scope: ExpressionScope): readonly ExpressionProblem[] {
  if (option.language === 'aggregate') {
    const compiled = compileAggregate(option.text, scope);
    if (!compiled.ok) return compiled.errors;
    option.bindAggregate(compiled.aggregate);
    return [];
  }
  if (option.language === 'match') {
    const compiled = compileMatch(option.text, { ...scope, elements: option.elements });
    if (!compiled.ok) return compiled.errors;
    option.bindMatch(compiled.match);
    return [];
  }
  const result = COMPILERS[option.language](option.text, scope);
  if (!result.ok) return result.errors;
  option.bind(result.evaluate, result.constant);
  return [];
}
