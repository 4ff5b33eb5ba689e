import type { AssignmentExpression, Expression } from 'acorn';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { deleteField, type FieldPath, setField } from '../record/path.ts';
import { deletePath, putPath } from '../sdk/types/index.ts';
import { MAX_EXPRESSION_TEXT, MAX_PROGRAM_TEXT, MAX_STATEMENTS } from './bounds.ts';
import { ownCopy } from './copy.ts';
import { VALUE, writablePath } from './emit-path.ts';
import { type AnyExpression, unwrap } from './emitted.ts';
import { Emitter } from './emitter.ts';
import { parseWhole } from './parser.ts';
import { type ExpressionProblem, problem } from './problem.ts';
import { assemble, type CompileResult, distinct, failed } from './program.ts';
import { statementEnd } from './scan.ts';
import type { ExpressionScope } from './scope.ts';

/**
 * Compiles a `map` program: statements, one a line, run in order on the record's value.
 * - `path = expression` sets a field, making the objects on the way. Where the expression is missing the field is
 *   deleted: afterwards the field is what the expression was. `a = b ?? a` keeps what was there.
 * - Lists and objects are copied, so that two fields never share one.
 * - `delete path` deletes a field; that it is not there is no error.
 * - A statement ends with its line, unless a bracket is open. Empty lines, lines that begin with # or //, and //
 *   comments at the end of a line are skipped.
 */
export function compileMap(text: string, scope: ExpressionScope): CompileResult {
  const whole = { start: 0, end: text.length };
  if (text.length > MAX_PROGRAM_TEXT) return tooLarge(whole, `${text.length} characters, at most ${MAX_PROGRAM_TEXT}`);
  const statements = statementsOf(text);
  if (statements.length > MAX_STATEMENTS) return tooLarge(whole, `${statements.length} statements, at most ${MAX_STATEMENTS}`);
  if (statements.length === 0) return failed([problem('EXPRESSION_STATEMENT', whole, { reason: 'there is no statement here' })]);
  const emitter = new Emitter(scope);
  const { codes, writes } = emitStatements(emitter, text, statements);
  if (emitter.problems.length > 0) return failed(emitter.problems);
  return { ok: true, evaluate: assemble(emitter, codes.join('\n')), fields: distinct(emitter.fields), writes: distinct(writes) };
}

interface Statement {
  readonly start: number;
  readonly end: number;
}

/** Emits all statements; what is known of the record behind them is then the emitter's. */
export function emitStatements(
  emitter: Emitter,
  text: string,
  statements: readonly Statement[] = statementsOf(text),
): { readonly codes: readonly string[]; readonly writes: readonly FieldPath[] } {
  const writes: FieldPath[] = [];
  const codes = statements.map(({ start, end }) => emitStatement(emitter, text.slice(start, end), start, writes));
  return { codes, writes };
}

function tooLarge(whole: { start: number; end: number }, reason: string): CompileResult {
  return failed([problem('EXPRESSION_TOO_LARGE', whole, { what: 'map program', reason })]);
}

/** Where each statement stands, without empty lines and comment lines. */
function statementsOf(text: string): readonly Statement[] {
  const found: Statement[] = [];
  for (let at = 0; at < text.length; ) {
    const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
    const isComment = text[start] === '#' || text.startsWith('//', start);
    const lineEnd = text.indexOf('\n', start);
    const end = isComment ? (lineEnd < 0 ? text.length : lineEnd) : statementEnd(text, start);
    if (!isComment && end > start) found.push({ start, end });
    at = end + 1;
  }
  return found;
}

function emitStatement(emitter: Emitter, text: string, base: number, writes: FieldPath[]): string {
  emitter.base = base;
  emitter.text = text;
  if (text.length > MAX_EXPRESSION_TEXT) {
    return refuse(
      emitter,
      problem(
        'EXPRESSION_TOO_LARGE',
        { start: base, end: base + text.length },
        { what: 'statement', reason: `at most ${MAX_EXPRESSION_TEXT} characters` },
      ),
    );
  }
  const misplaced = adviseOnStatement(text, base);
  if (misplaced !== undefined) return refuse(emitter, misplaced);
  const parsed = parseWhole(text, base);
  if ('problem' in parsed) return refuse(emitter, parsed.problem);
  const statement = unwrap(parsed.node);
  if (statement.type === 'AssignmentExpression') return emitAssignment(emitter, statement, writes);
  if (statement.type === 'UnaryExpression' && statement.operator === 'delete')
    return emitDelete(emitter, statement.argument, writes);
  emitter.report('EXPRESSION_STATEMENT', statement, { reason: idle(statement, shortened(emitter.source(statement))) });
  return '';
}

/** What is said of an expression that stands where a statement should. */
function idle(statement: AnyExpression, source: string): string {
  const { type } = statement;
  if (type === 'BinaryExpression' && ['==', '==='].includes(statement.operator))
    return `\`${source}\` compares and changes nothing: write a single = to set a field`;
  if (type === 'SequenceExpression') return `\`${source}\` is several in one: write each on a line of its own`;
  return `\`${source}\` changes nothing`;
}

function emitAssignment(emitter: Emitter, { left, right, operator }: AssignmentExpression, writes: FieldPath[]): string {
  const value = emitter.emit(right);
  if (left.type !== 'Identifier' && left.type !== 'MemberExpression') {
    emitter.report('EXPRESSION_STATEMENT', left, { reason: `\`${shortened(emitter.source(left))}\` is no field path` });
    return '';
  }
  if (operator !== '=') {
    const target = emitter.source(left);
    const start = emitter.text.indexOf(operator, left.end);
    const written = `${target} = ${target} ${operator.slice(0, -1)} ${emitter.source(right)}`;
    emitter.report(
      'EXPRESSION_STATEMENT',
      { start, end: start + operator.length },
      { reason: `there is no ${operator}: write ${written}` },
    );
    return '';
  }
  const path = writablePath(emitter, left);
  if (path === undefined) return '';
  writes.push(path);
  if (emitter.record !== undefined) emitter.record = putPath(emitter.record, path, { type: value.type, always: value.present });
  return `${emitter.constant(assign)}(${VALUE},${emitter.constant(path)},${value.code});`;
}

function emitDelete(emitter: Emitter, target: Expression, writes: FieldPath[]): string {
  const path = writablePath(emitter, target);
  if (path === undefined) return '';
  writes.push(path);
  if (emitter.record !== undefined) emitter.record = deletePath(emitter.record, path);
  return `${emitter.constant(deleteField)}(${VALUE},${emitter.constant(path)});`;
}

/** Sets a field to a value of its own, or deletes it where the value is missing. */
function assign(value: JsonObject, path: FieldPath, to: JsonValue | undefined): void {
  const own = ownCopy(to);
  if (own === undefined) deleteField(value, path);
  else setField(value, path, own);
}

/** What is wrong with a line that is a statement of another language. */
function adviseOnStatement(text: string, base: number): ExpressionProblem | undefined {
  const declaration = /^(?:let|const|var)\s/.exec(text);
  if (declaration !== null) {
    const reason = `there are no variables: leave out \`${declaration[0].trim()}\``;
    return problem('EXPRESSION_STATEMENT', { start: base, end: base + declaration[0].trim().length }, { reason }, '');
  }
  const colon = /^[\w.@$]+\s*:(?=\s)/.exec(text);
  if (colon !== null) {
    const end = base + colon[0].length;
    return problem('EXPRESSION_STATEMENT', { start: end - 1, end }, { reason: 'write = in place of :' }, '=');
  }
  const keyword = /^(?:if|else|for|while|return|switch|unset|del|remove|set)\b(?!\s*[.=[])/.exec(text)?.[0];
  if (keyword === undefined) return undefined;
  const removes = ['unset', 'del', 'remove'].includes(keyword);
  const reason = removes
    ? `write \`delete\` in place of \`${keyword}\``
    : `there is no \`${keyword}\` here: write path = condition ? a : b`;
  return problem('EXPRESSION_STATEMENT', { start: base, end: base + keyword.length }, { reason }, removes ? 'delete' : undefined);
}

function refuse(emitter: Emitter, found: ExpressionProblem): string {
  emitter.problems.push(found);
  return '';
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
