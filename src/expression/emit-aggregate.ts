import type { CallExpression, Expression, Identifier, Node, SpreadElement } from 'acorn';
import type { AggregateCall, AggregateInput, AggregateParameter, AggregateSignature } from '../sdk/aggregate-function.ts';
import { ANY, type RecordType, without } from '../sdk/types/index.ts';
import { typeOfKind } from './check-values.ts';
import { literalOf, mismatch, wrongCount } from './emit-call.ts';
import { BROKEN, type Emitted, unwrap } from './emitted.ts';
import { Emitter } from './emitter.ts';
import { signatureOf } from './functions/definition.ts';
import { evenlySpaced } from './parser.ts';
import { assemble } from './program.ts';
import type { ExpressionScope } from './scope.ts';

/** Emits what is evaluated against the result of a group; calls of aggregates in it become elements of the list `given`. */
export class ResultEmitter extends Emitter {
  readonly calls: AggregateCall[] = [];

  constructor(scope: ExpressionScope) {
    super(scope, 'result');
  }

  override emitAggregate(node: CallExpression, callee: Identifier): Emitted | undefined {
    const signature = this.scope.aggregates?.get(callee.name);
    if (signature === undefined || !this.#meansAggregate(node, signature)) return undefined;
    const wrong = wrongCount(signature, node.arguments.length);
    if (wrong !== undefined) return this.#refuse(node, signature, wrong);
    const before = this.problems.length;
    const inputs: AggregateInput[] = [];
    const constants: number[] = [];
    let first = ANY;
    for (const [i, argument] of node.arguments.entries()) {
      const parameter = signature.parameters[i] as AggregateParameter;
      if (parameter.constant) this.#readConstant(argument, { parameter, signature, constants });
      else {
        const type = this.#readInput(argument, { parameter, signature, inputs });
        if (i === 0) first = type;
      }
    }
    if (this.problems.length > before) return BROKEN;
    const complaint = signature.check?.(constants);
    if (complaint !== undefined) return this.#refuse(node, signature, complaint);
    this.calls.push({ name: signature.name, text: this.source(node), inputs, constants });
    return {
      code: `given[${this.calls.length - 1}]`,
      type: signature.yields?.(first) ?? typeOfKind(signature.returns),
      present: signature.always === true,
    };
  }

  #refuse(node: Pick<Node, 'start' | 'end'>, signature: AggregateSignature, reason: string, suggestion?: string): Emitted {
    return this.report('EXPRESSION_ARGUMENTS', node, { signature: signatureOf(signature), reason }, suggestion);
  }

  #readConstant(
    argument: Expression | SpreadElement,
    to: { parameter: AggregateParameter; signature: AggregateSignature; constants: number[] },
  ): void {
    const value = literalOf(argument);
    if (typeof value === 'number') to.constants.push(value);
    else this.#refuse(argument, to.signature, `${to.parameter.name} is a number that is written out, the same for all records`);
  }

  #readInput(
    argument: Expression | SpreadElement,
    to: { parameter: AggregateParameter; signature: AggregateSignature; inputs: AggregateInput[] },
  ): RecordType {
    const literal = literalOf(argument);
    if (typeof literal === 'string') {
      const source = this.source(argument);
      this.#refuse(argument, to.signature, `${source} is a text, the same for every record; a field has no quotes`, literal);
      return ANY;
    }
    const emitter = new Emitter(this.scope, 'aggregate');
    emitter.text = this.text;
    emitter.base = this.base;
    const emitted = emitter.emit(argument);
    this.problems.push(...emitter.problems);
    if (emitter.problems.length > 0) return ANY;
    const reason = mismatch(to.parameter, emitted, this.source(argument));
    if (reason !== undefined) {
      this.#refuse(argument, to.signature, reason);
      return ANY;
    }
    const text = evenlySpaced(this.source(unwrap(argument)));
    // Where only types are looked at, nothing is run.
    to.inputs.push({ text, evaluate: this.checksTypes ? () => undefined : assemble(emitter, `return ${emitted.code};`) });
    return without(emitted.type, 'null');
  }

  /** Whether a name that may be a function too is the aggregate here. */
  #meansAggregate(node: CallExpression, signature: AggregateSignature): boolean {
    const definition = this.scope.functions.get(signature.name);
    // Where it is neither, it is the aggregate that was meant.
    if (definition === undefined || wrongCount(definition, node.arguments.length) !== undefined) return true;
    return this.#fits(node, signature) && !node.arguments.some((argument) => this.#hasAggregate(argument));
  }

  /** A list that is written out is what the function takes, where the aggregate takes a number of each record. */
  #fits(node: CallExpression, { parameters }: AggregateSignature): boolean {
    if (node.arguments.length > parameters.length) return false;
    return node.arguments.every((argument, i) => parameters[i]?.type !== 'number' || unwrap(argument).type !== 'ArrayExpression');
  }

  /** Whether there is an aggregate somewhere in it. A call that fits an aggregate is one, or has one in it. */
  #hasAggregate(node: Node): boolean {
    if (isCall(node) && node.callee.type === 'Identifier') {
      const signature = this.scope.aggregates?.get(node.callee.name);
      const both = this.scope.functions.has(node.callee.name);
      if (signature !== undefined && (!both || this.#fits(node, signature))) return true;
    }
    return Object.values(node).some((part: unknown) =>
      Array.isArray(part)
        ? part.some((each) => isNode(each) && this.#hasAggregate(each))
        : isNode(part) && this.#hasAggregate(part),
    );
  }
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && 'type' in part && 'start' in part;
}

function isCall(node: Node): node is CallExpression {
  return node.type === 'CallExpression';
}
