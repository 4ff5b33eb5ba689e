import type { AggregateExpression } from '../sdk/aggregate-function.ts';
import { ResultEmitter } from './emit-aggregate.ts';
import { VALUE } from './emit-path.ts';
import { parseBounded } from './parser.ts';
import { assembleFunction, type Failed, failed } from './program.ts';
import type { ExpressionScope } from './scope.ts';

/** What compiling an expression over aggregates gives, or everything that is wrong with it. */
export type CompiledAggregate = { readonly ok: true; readonly aggregate: AggregateExpression } | Failed;

/**
 * Compiles an expression in which aggregates are called. Their arguments are expressions over records; what stands
 * outside of them is evaluated against the result. Some names are both, aggregates and functions over values
 * (`min`, `max`, `first`, `last`, `sum`, `avg`, `median`, `quantile`, `variance`, `stddev`). Outside of aggregates such a name means the
 * aggregate, unless it has more arguments than that takes, an aggregate among them, as in `max(sum(a), sum(b))`, or a list that is written
 * out where that takes a number; within an aggregate it means the function.
 */
export function compileAggregate(text: string, scope: ExpressionScope): CompiledAggregate {
  const parsed = parseBounded(text);
  if ('problem' in parsed) return failed([parsed.problem]);
  const emitter = new ResultEmitter(scope);
  emitter.text = text;
  const { code } = emitter.emit(parsed.node);
  if (emitter.problems.length > 0) return failed(emitter.problems);
  const evaluate = assembleFunction<AggregateExpression['evaluate']>(emitter, `given,${VALUE}`, `return ${code};`);
  const names = emitter.fields.map((path, i) => {
    const { start = 0, end = 0 } = emitter.fieldSpans[i] ?? {};
    return { path, offset: start, length: end - start };
  });
  return { ok: true, aggregate: { calls: emitter.calls, names, evaluate } };
}
