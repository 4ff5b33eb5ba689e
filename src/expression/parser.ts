import { type Expression, Parser, type TokenType, tokTypes } from 'acorn';
import { adviseOnRest, adviseOnSyntax } from './advice.ts';
import { MAX_EXPRESSION_TEXT } from './bounds.ts';
import { type ExpressionProblem, problem, type Span } from './problem.ts';

/** The part of acorn's tokenizer that reads names; its plugins extend it, its types leave it out. */
interface TokenReader {
  pos: number;
  input: string;
  getTokenFromCode(code: number): unknown;
  readWord1(): string;
  finishToken(type: TokenType, value: string): unknown;
}

const AT_SIGN = 64;
const NAME_START = /^[\p{ID_Start}$_]/u;

/** JavaScript with names that begin with an @, such as `@timestamp`. */
const FieldParser = Parser.extend((Base) => {
  class Extended extends Base {}
  const read = (Base.prototype as Parser & TokenReader).getTokenFromCode;
  (Extended.prototype as Parser & TokenReader).getTokenFromCode = function readToken(this: TokenReader, code: number): unknown {
    if (code !== AT_SIGN || !NAME_START.test(this.input.slice(this.pos + 1, this.pos + 3))) return read.call(this, code);
    this.pos += 1;
    return this.finishToken(tokTypes.name, `@${this.readWord1()}`);
  };
  return Extended;
});

const OPTIONS = { ecmaVersion: 2023, sourceType: 'script', preserveParens: true } as const;

export type Parsed = { readonly node: Expression; readonly end: number } | { readonly problem: ExpressionProblem };

/**
 * Parses the expression that begins at `base` of the whole text and is `text`. Positions in the tree are relative to
 * `text`; those of problems are absolute. `end` is where the expression ends, which may be before the text does.
 */
export function parsePrefix(text: string, base: number): Parsed {
  if (isBlank(text)) {
    return {
      problem: problem(
        'EXPRESSION_SYNTAX',
        { start: base, end: base + text.length },
        { reason: 'an expression is missing here' },
      ),
    };
  }
  try {
    const node = FieldParser.parseExpressionAt(text, 0, OPTIONS);
    return { node, end: node.end };
  } catch (error) {
    return { problem: parseProblem(error, text, base) };
  }
}

/** Parses all of `text` as one expression; see {@link parsePrefix}. */
export function parseWhole(text: string, base: number): Parsed {
  const parsed = parsePrefix(text, base);
  if ('problem' in parsed) return parsed;
  const rest = skipBlank(text, parsed.end);
  if (rest >= text.length) return parsed;
  return { problem: restProblem(text, rest, base) };
}

/** Parses all of `text` as one expression, unless it is too long for one. */
export function parseBounded(text: string): Parsed {
  if (text.length <= MAX_EXPRESSION_TEXT) return parseWhole(text, 0);
  const reason = `${text.length} characters, at most ${MAX_EXPRESSION_TEXT}`;
  return { problem: problem('EXPRESSION_TOO_LARGE', { start: 0, end: text.length }, { what: 'expression', reason }) };
}

/** An expression that has been parsed, with one blank between its tokens: however it was written, it reads the same. */
export function evenlySpaced(text: string): string {
  return [...FieldParser.tokenizer(text, OPTIONS)].map(({ start, end }) => text.slice(start, end)).join(' ');
}

/** The problem of text that stands after an expression, at `at`. */
export function restProblem(text: string, at: number, base: number): ExpressionProblem {
  const advice = adviseOnRest(text, at);
  return problem('EXPRESSION_SYNTAX', shift(advice.span, base), { reason: advice.reason }, advice.suggestion);
}

/** The next place at or after `at` that is neither white space nor a comment. */
export function skipBlank(text: string, at: number): number {
  const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = at;
  blank.exec(text);
  return blank.lastIndex;
}

function isBlank(text: string): boolean {
  return skipBlank(text, 0) >= text.length;
}

function shift(span: Span, base: number): Span {
  return { start: span.start + base, end: span.end + base };
}

function parseProblem(error: unknown, text: string, base: number): ExpressionProblem {
  // Deep nesting ends the stack: acorn says so itself, or the engine does.
  if (error instanceof RangeError || (error instanceof SyntaxError && error.message.startsWith('Not enough stack space'))) {
    return problem(
      'EXPRESSION_TOO_LARGE',
      { start: base, end: base + text.length },
      { what: 'expression', reason: 'it is nested too deeply' },
    );
  }
  if (!(error instanceof SyntaxError)) throw error;
  const at = 'pos' in error && typeof error.pos === 'number' ? Math.min(error.pos, text.length) : 0;
  const advice = adviseOnSyntax(text, at, error.message);
  return problem('EXPRESSION_SYNTAX', shift(advice.span, base), { reason: advice.reason }, advice.suggestion);
}
