import { MillraceError } from '../errors/index.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import type { JsonValue, ReadonlyJsonValue } from '../record/json.ts';
import type { AggregateCall } from '../sdk/aggregate-function.ts';
import type { StatefulStepDefinition } from '../sdk/operator.ts';
import { CompiledOption } from '../sdk/option.ts';
import type { ProcessorRecord } from '../sdk/processor-record.ts';
import { builtInAggregates } from '../stream/aggregate/functions.ts';
import { Aggregate } from './aggregates.ts';

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };

/** What is computed of a record: an expression as in pipeline files, or a function. */
export type Selector = string | ((record: ProcessorRecord) => ReadonlyJsonValue | undefined);

/** The record that an operator is at, for functions of options; one for each subscription. */
export interface At {
  record: ProcessorRecord;
}

/** Options as they are written in code, checked by the step's schema, with the functions in them bound. Throws RXJS_OPTIONS. */
export function boundOptions<Options>(definition: StatefulStepDefinition<Options>, given: object, at: At): Options {
  const functions = new Map<string, Selector | Aggregate>();
  const read = definition.options.safeParse(withNames(given, functions));
  if (!read.success) {
    const reasons = read.error.issues.map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
    throw new MillraceError('RXJS_OPTIONS', { operator: definition.kind, reason: reasons.join('; ') });
  }
  bind(read.data, functions, { at, operator: definition.kind });
  return read.data;
}

/** Puts a name in the place of each function, which the schema takes for the text of an expression. */
function withNames(given: unknown, functions: Map<string, Selector | Aggregate>): unknown {
  if (typeof given === 'function' || given instanceof Aggregate) {
    const name = `<function ${functions.size + 1}>`;
    functions.set(name, given as Selector | Aggregate);
    return name;
  }
  if (Array.isArray(given)) return given.map((item) => withNames(item, functions));
  if (typeof given !== 'object' || given === null) return given;
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, withNames(value, functions)]));
}

function bind(
  value: unknown,
  functions: ReadonlyMap<string, Selector | Aggregate>,
  to: { readonly at: At; readonly operator: string },
): void {
  if (value instanceof CompiledOption) {
    const given = functions.get(value.text);
    if (given === undefined) bindText(value, to.operator);
    else if (given instanceof Aggregate) value.bindAggregate(expressionOf(given, value.text, to.at));
    else value.bind(evaluatorOf(given, to.at));
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) bind(inner, functions, to);
  }
}

function bindText(option: CompiledOption, operator: string): void {
  const [problem] = bindOption(option, SCOPE);
  if (problem === undefined) return;
  throw new MillraceError('RXJS_OPTIONS', { operator, reason: `${JSON.stringify(option.text)}: ${problem.message}` });
}

function evaluatorOf(selector: Selector, at: At): () => JsonValue | undefined {
  const select = selector as (record: ProcessorRecord) => ReadonlyJsonValue | undefined;
  return () => select(at.record) as JsonValue | undefined;
}

/** A call of one aggregate, as the compiler of expressions would make it. */
function expressionOf({ name, selectors, constants }: Aggregate, text: string, at: At): CompiledOption['aggregate'] {
  const inputs = selectors.map((selector, i): AggregateCall['inputs'][number] => {
    if (typeof selector === 'function') return { text: `${text} ${i}`, evaluate: evaluatorOf(selector, at) };
    const option = new CompiledOption('expression', selector);
    bindText(option, name);
    return { text: option.text, evaluate: option.evaluate };
  });
  return { calls: [{ name, text, inputs, constants }], names: [], evaluate: ([value]) => value };
}
