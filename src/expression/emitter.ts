import type { CallExpression, Identifier, Node } from 'acorn';
import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import type { FieldPath } from '../record/path.ts';
import type { RecordType } from '../sdk/types/index.ts';
import { MAX_DEPTH } from './bounds.ts';
import { emitCall } from './emit-call.ts';
import { emitList, emitLiteral, emitObject } from './emit-literal.ts';
import { emitBinary, emitConditional, emitLogical, emitUnary } from './emit-operator.ts';
import { emitPath } from './emit-path.ts';
import { emitUnsupported } from './emit-unsupported.ts';
import { type AnyExpression, BROKEN, type Emitted, unwrap } from './emitted.ts';
import { narrow } from './narrowing/facts.ts';
import type { Outcome } from './narrowing/outcome.ts';
import { type Prove, proofOf } from './narrowing/proof.ts';
import { type ExpressionProblem, problem, type Span } from './problem.ts';
import type { ExpressionScope } from './scope.ts';

/**
 * What is asked of a field: its value; its value or else another (`a ?? b`); its value, of whatever type (`string(a)`); or only whether it
 * is there (`exists(a)`).
 */
export type Asking = 'value' | 'default' | 'anything' | 'presence';

/** Where an expression is evaluated: against a record, for an aggregate against a record, or against the result of a group. */
export type EmitPlace = 'record' | 'aggregate' | 'result';

/**
 * Turns checked syntax trees into JavaScript. Nothing of the user's text gets into the code but literals and field
 * names, both written anew as JSON; everything else is passed to the generated function by reference.
 */
export class Emitter {
  readonly scope: ExpressionScope;
  readonly place: EmitPlace;
  readonly problems: ExpressionProblem[] = [];
  readonly fields: FieldPath[] = [];
  /** Where each of `fields` is named. */
  readonly fieldSpans: Span[] = [];
  /** What is known of what paths are read from. Absent: nothing is, and types are not checked beyond what expressions themselves say. */
  record: RecordType | undefined;
  /** The same, without what the expression itself has proved for where it stands. */
  unasked: RecordType | undefined;
  asking: Asking = 'value';
  /** Whether the result depends on the record at all. */
  readsRecord = false;
  readonly constants: unknown[] = [];
  temporaries = 0;
  /** Where the text being compiled stands in the whole text. */
  base = 0;
  /** The text being compiled. */
  text = '';
  #depth = 0;
  /** It is reported once, however many branches are too deep. */
  #tooDeep = false;

  constructor(scope: ExpressionScope, place: EmitPlace = 'record') {
    this.scope = scope;
    this.place = place;
    this.record = place === 'result' ? scope.result : scope.record;
  }

  /** Whether its code is thrown away: only the types are looked at. */
  get checksTypes(): boolean {
    return this.scope.record !== undefined;
  }

  /** Emits an expression whose value may be missing on purpose. */
  emitAsked(node: AnyExpression, asking: Asking): Emitted {
    const before = this.asking;
    const { type } = unwrap(node);
    this.asking = type === 'Identifier' || type === 'MemberExpression' ? asking : 'value';
    const emitted = this.emit(node);
    this.asking = before;
    return emitted;
  }

  /** Emits what is evaluated only where `before` turned out to be such. Not `possible`: by what is known that can't be. */
  emitWhere(before: Emitted, outcome: Outcome, node: AnyExpression): { readonly emitted: Emitted; readonly possible: boolean } {
    const { record, unasked } = this;
    if (record === undefined) return { emitted: this.emit(node), possible: true };
    const { type, possible } = narrow(record, proofOf(before, outcome));
    this.record = type;
    this.unasked = unasked ?? record;
    const emitted = this.emit(node);
    this.record = record;
    this.unasked = unasked;
    return { emitted, possible };
  }

  /** Whether the value of an expression can be such, by what is known of the record. */
  canBe(emitted: Emitted, outcome: Outcome): boolean {
    return this.record === undefined || narrow(this.record, proofOf(emitted, outcome)).possible;
  }

  /** What an expression proves of the record, where that is asked for: code is made the same without. */
  proving(prove: () => Prove | undefined): { readonly prove?: Prove | undefined } {
    return this.record === undefined ? {} : { prove: prove() };
  }

  /** Emits the call of an aggregate, where `callee` means one here. */
  emitAggregate(_node: CallExpression, _callee: Identifier): Emitted | undefined {
    return undefined;
  }

  /** Emits what a path begins with, where that is no field: its code, or `undefined`. `path`: what stands below it. */
  emitBase(_base: Identifier, _path: FieldPath): Emitted | undefined {
    return undefined;
  }

  /** Notes that a field is read. */
  reads(path: FieldPath, node: Pick<Node, 'start' | 'end'>): void {
    this.readsRecord = true;
    this.fields.push(path);
    this.fieldSpans.push(this.span(node));
  }

  emit(node: AnyExpression): Emitted {
    if (this.#depth > MAX_DEPTH) {
      if (this.#tooDeep) return BROKEN;
      this.#tooDeep = true;
      return this.report('EXPRESSION_TOO_LARGE', node, {
        what: 'expression',
        reason: `it is nested more than ${MAX_DEPTH} levels deep`,
      });
    }
    this.#depth += 1;
    try {
      return this.#dispatch(node);
    } finally {
      this.#depth -= 1;
    }
  }

  #dispatch(node: AnyExpression): Emitted {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.emit(node.expression);
      case 'Literal':
        return emitLiteral(this, node);
      case 'Identifier':
      case 'MemberExpression':
        return emitPath(this, node);
      case 'CallExpression':
        return emitCall(this, node);
      case 'ArrayExpression':
        return emitList(this, node);
      case 'ObjectExpression':
        return emitObject(this, node);
      case 'UnaryExpression':
        return emitUnary(this, node);
      case 'BinaryExpression':
        return emitBinary(this, node);
      case 'LogicalExpression':
        return emitLogical(this, node);
      case 'ConditionalExpression':
        return emitConditional(this, node);
      default:
        return emitUnsupported(this, node);
    }
  }

  /** The name by which the generated code reaches `value`. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `c${known >= 0 ? known : this.constants.push(value) - 1}`;
  }

  /** A variable of the generated function. */
  temporary(): string {
    this.temporaries += 1;
    return `t${this.temporaries - 1}`;
  }

  span(node: Pick<Node, 'start' | 'end'>): Span {
    return { start: node.start + this.base, end: node.end + this.base };
  }

  /** Notes a problem with `node`; returns what stands in for it. */
  report(code: ErrorCode, node: Pick<Node, 'start' | 'end'>, parameters: ErrorParameters, suggestion?: string): Emitted {
    this.problems.push(problem(code, this.span(node), parameters, suggestion));
    return BROKEN;
  }

  /** Notes what is allowed and does nothing. */
  doubt(code: ErrorCode, node: Pick<Node, 'start' | 'end'>, parameters: ErrorParameters, suggestion?: string): Emitted {
    this.problems.push({ ...problem(code, this.span(node), parameters, suggestion), severity: 'warning' });
    return BROKEN;
  }

  /** The text of a node, for messages. */
  source(node: Pick<Node, 'start' | 'end'>): string {
    return this.text.slice(node.start, node.end);
  }
}
