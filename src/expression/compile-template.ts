import { MAX_EXPRESSION_TEXT, MAX_PROGRAM_TEXT } from './bounds.ts';
import { quote } from './emit-literal.ts';
import type { Emitted } from './emitted.ts';
import { Emitter } from './emitter.ts';
import { parsePrefix, restProblem, skipBlank } from './parser.ts';
import { type ExpressionProblem, problem } from './problem.ts';
import { type CompileResult, failed, finish } from './program.ts';
import { closingBraces } from './scan.ts';
import type { ExpressionScope } from './scope.ts';
import { bounded, interpolated } from './text.ts';

/**
 * Compiles a template: text with `{{ expression }}` in it.
 * - An expression alone keeps its type, and is missing where the expression is.
 * - Within text, scalars are put in as they are written and lists and objects as JSON; what is missing or null puts in
 *   nothing (write `?? 'unknown'`), so that one missing field does not lose the rest of the text.
 * - `\{{` is a literal `{{`; `\\{{` is a backslash before an expression.
 */
export function compileTemplate(text: string, scope: ExpressionScope): CompileResult {
  const emitter = new Emitter(scope);
  const parts = templateParts(text, emitter);
  if (parts === undefined) return tooLarge(text);
  const [first = { literal: '' }] = parts;
  if (parts.length <= 1 && 'literal' in first) return finish(emitter, quote(first.literal));
  if (parts.length === 1 && 'emitted' in first) return finish(emitter, first.emitted.code);
  const codes = parts.map((part) =>
    'literal' in part ? quote(part.literal) : `${emitter.constant(interpolated)}(${part.emitted.code})`,
  );
  return finish(emitter, `${emitter.constant(bounded)}(${codes.join('+')})`);
}

/** The literal texts and the expressions that a template consists of; `undefined` where it is longer than one may be. */
export function templateParts(text: string, emitter: Emitter): readonly TemplatePart[] | undefined {
  return text.length > MAX_PROGRAM_TEXT ? undefined : new TemplateReader(text, emitter).read();
}

export function tooLarge(text: string): CompileResult {
  const reason = `${text.length} characters, at most ${MAX_PROGRAM_TEXT}`;
  return failed([problem('EXPRESSION_TOO_LARGE', { start: 0, end: text.length }, { what: 'template', reason })]);
}

export type TemplatePart = { readonly literal: string } | { readonly emitted: Emitted };

/** Reads a template from its beginning to its end. */
class TemplateReader {
  readonly #text: string;
  readonly #emitter: Emitter;
  readonly #parts: TemplatePart[] = [];
  #literal = '';

  constructor(text: string, emitter: Emitter) {
    this.#text = text;
    this.#emitter = emitter;
  }

  read(): readonly TemplatePart[] {
    let at = 0;
    for (let open = this.#text.indexOf('{{'); open >= 0; open = this.#text.indexOf('{{', at)) {
      const before = this.#text.slice(at, open);
      const backslashes = /\\*$/.exec(before)?.[0].length ?? 0;
      this.#literal += before.slice(0, before.length - backslashes) + '\\'.repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) {
        this.#literal += '{{';
        at = open + 2;
      } else {
        at = this.#readExpression(open);
      }
    }
    this.#literal += this.#text.slice(at);
    this.#endLiteral();
    return this.#parts;
  }

  #endLiteral(): void {
    if (this.#literal !== '') this.#parts.push({ literal: this.#literal });
    this.#literal = '';
  }

  /** Reads `{{ expression }}` that begins at `open`; returns where it ends. Problems go to the emitter. */
  #readExpression(open: number): number {
    const base = open + 2;
    const text = this.#text.slice(base);
    const close = closingBraces(text);
    const parsed = parsePrefix(close === undefined ? text : text.slice(0, close), base);
    // The braces that close it are known for sure only where the parser agrees: a pattern may hold quotes and braces.
    const exact = 'problem' in parsed ? parsePrefix(text, base) : parsed;
    if (!('problem' in exact)) {
      const end = skipBlank(text, exact.end);
      if (text.startsWith('}}', end)) return this.#emitExpression(exact.node, text.slice(0, end), base);
    }
    if (close === undefined) return this.#unterminated(open);
    this.#report('problem' in parsed ? parsed.problem : restProblem(text.slice(0, close), skipBlank(text, parsed.end), base));
    return base + close + 2;
  }

  #emitExpression(node: Parameters<Emitter['emit']>[0], text: string, base: number): number {
    const end = base + text.length + 2;
    if (text.length > MAX_EXPRESSION_TEXT) {
      this.#report(
        problem(
          'EXPRESSION_TOO_LARGE',
          { start: base, end },
          { what: 'expression', reason: `${text.length} characters, at most ${MAX_EXPRESSION_TEXT}` },
        ),
      );
      return end;
    }
    this.#endLiteral();
    this.#emitter.base = base;
    this.#emitter.text = text;
    this.#parts.push({ emitted: this.#emitter.emit(node) });
    return end;
  }

  #unterminated(open: number): number {
    const span = { start: open, end: open + 2 };
    const reason = 'the expression that begins here has no closing }}; a literal {{ is written \\{{';
    this.#report(problem('EXPRESSION_UNTERMINATED', span, { reason }));
    return this.#text.length;
  }

  #report(found: ExpressionProblem): void {
    this.#emitter.problems.push(found);
  }
}
