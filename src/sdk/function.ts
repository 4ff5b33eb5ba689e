import type { JsonObject, JsonValue } from '../record/json.ts';
import { assertDefined, functionProblem, marked, textProblem } from './definition.ts';
import type { ValueType } from './value-type.ts';

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const TYPES: readonly ValueType[] = ['any', 'string', 'number', 'boolean', 'null', 'array', 'object'];

/** What a function takes, in its order. */
export interface FunctionParameter {
  readonly name: string;
  readonly type: ValueType;
  /** It may be left out. */
  readonly optional?: true;
  /** It may be given any number of times; only the last. */
  readonly rest?: true;
}

interface TypeOf {
  readonly any: JsonValue | undefined;
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly null: null;
  readonly array: readonly JsonValue[];
  readonly object: Readonly<JsonObject>;
}

/** The arguments of a function, by its parameters. */
export type FunctionArguments<Parameters extends readonly FunctionParameter[]> = {
  -readonly [I in keyof Parameters]: Parameters[I] extends { readonly optional: true }
    ? TypeOf[Parameters[I]['type']] | undefined
    : TypeOf[Parameters[I]['type']];
};

type Call<Parameters extends readonly FunctionParameter[]> = number extends Parameters['length']
  ? (...values: never[]) => JsonValue | undefined
  : Parameters extends readonly [...infer First extends FunctionParameter[], infer Last extends { rest: true; type: ValueType }]
    ? (...values: [...FunctionArguments<First>, ...TypeOf[Last['type']][]]) => JsonValue | undefined
    : (...values: FunctionArguments<Parameters>) => JsonValue | undefined;

/** A function for expressions, as its author writes it. */
export interface FunctionSpecification<Parameters extends readonly FunctionParameter[]> {
  /** How it is called: `risk_of`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: Parameters;
  readonly returns: ValueType;
  readonly example?: { readonly text: string; readonly result: JsonValue };
  /**
   * Its result; `undefined` is a missing value. It must be quick and pure, for it is called for each record, and cannot wait for
   * anything. It is called only where every argument is of its type: where one is missing or of another type, the result is missing.
   */
  readonly call: Call<Parameters>;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly FunctionParameter[];
  readonly returns: ValueType;
  readonly example?: { readonly text: string; readonly result: JsonValue };
  readonly call: (...values: never[]) => JsonValue | undefined;
}

/**
 * Defines a function that expressions in pipeline files may call:
 *
 *     export const riskOf = defineFunction({
 *       name: 'risk_of',
 *       summary: 'How risky an amount is in a country, from 0 to 1.',
 *       parameters: [
 *         { name: 'amount', type: 'number' },
 *         { name: 'country', type: 'string', optional: true },
 *       ],
 *       returns: 'number',
 *       call: (amount, country) => (country === 'XX' ? 1 : Math.min(1, amount / 10_000)),
 *     });
 *
 * Throws PLUGIN_DEFINITION where something in it cannot be.
 */
export function defineFunction<const Parameters extends readonly FunctionParameter[]>(
  specification: FunctionSpecification<Parameters>,
): FunctionDefinition {
  const { name, summary, parameters, returns, call } = specification;
  const isName = typeof name === 'string' && NAME.test(name);
  assertDefined('function', name, [
    ['name', isName ? undefined : 'must be of small letters and digits, with _ between them'],
    ['summary', textProblem(summary)],
    ['parameters', parametersProblem(parameters)],
    ['returns', TYPES.includes(returns) ? undefined : `must be one of ${TYPES.join(', ')}`],
    ['call', functionProblem(call)],
  ]);
  return marked('function', { ...specification, call: call as FunctionDefinition['call'] });
}

function parametersProblem(parameters: unknown): string | undefined {
  if (!Array.isArray(parameters)) return 'must be a list';
  let mayBeMissing = false;
  for (const [i, { name, type, optional, rest }] of (parameters as FunctionParameter[]).entries()) {
    if (typeof name !== 'string' || !/^\w+$/.test(name)) return `need names: number ${i + 1} has none`;
    if (!TYPES.includes(type)) return `${name} needs a type, one of ${TYPES.join(', ')}`;
    if (rest === true && i < parameters.length - 1) return `may have "rest" in the last only, and ${name} is not`;
    if (mayBeMissing && optional !== true && rest !== true) return `${name} cannot be needed behind one that is optional`;
    mayBeMissing ||= optional === true;
  }
  return undefined;
}
