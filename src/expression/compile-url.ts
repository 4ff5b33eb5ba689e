import { templateParts, tooLarge } from './compile-template.ts';
import { quote } from './emit-literal.ts';
import { Emitter } from './emitter.ts';
import { type CompileResult, finish } from './program.ts';
import type { ExpressionScope } from './scope.ts';
import { urlOf, urlPart } from './text.ts';

/**
 * Compiles an address with `{{ expression }}` in it. It is a template whose values are percent-encoded, so that what a record holds
 * stays within its place (`a/b?c` does not become another path), and which is missing as a whole where one of them is: `/customers/`
 * is another question than `/customers/7`.
 */
export function compileUrl(text: string, scope: ExpressionScope): CompileResult {
  const emitter = new Emitter(scope);
  const parts = templateParts(text, emitter);
  if (parts === undefined) return tooLarge(text);
  const codes = parts.map((part) =>
    'literal' in part ? quote(part.literal) : `${emitter.constant(urlPart)}(${part.emitted.code})`,
  );
  return finish(emitter, `${emitter.constant(urlOf)}([${codes.join(',')}])`);
}
