import type { PluginFunction } from '../config/load-context.ts';
import type { ExpressionFunction } from '../expression/index.ts';
import type { JsonValue } from '../record/json.ts';
import { describe, isNotJson, NotJson, plainCopy } from '../record/json-copy.ts';
import type { FunctionDefinition, FunctionParameter } from '../sdk/function.ts';
import type { Plugin } from './plugin.ts';
import { thrownText } from './thrown.ts';

type Call = ExpressionFunction['call'];

/** A function of a plugin, for expressions: called only with arguments of its types, and held to give a value. */
export function containFunction(definition: FunctionDefinition, plugin: Plugin): PluginFunction {
  const { name, parameters } = definition;
  const fits = parameters.map(fitOf);
  const call = definition.call as (...values: unknown[]) => unknown;
  const result = (...values: unknown[]): JsonValue | undefined => resultOf(call(...values));
  const throwing: Call = (...values) => {
    for (let i = 0; i < fits.length; i += 1) if (!(fits[i] as Fit)(values, i)) return undefined;
    try {
      return plugin.run(result, ...values);
    } catch (error) {
      const reason = isNotJson(error) ? `it gives no JSON: ${error.message}` : thrownText(error);
      throw plugin.fault('PLUGIN_CALL', { name: `${name}()`, reason }, error);
    }
  };
  const quiet: Call = (...values) => {
    try {
      return throwing(...values);
    } catch (error) {
      plugin.faults.tellOf(plugin.name, error);
      return undefined;
    }
  };
  const { summary, returns, example = { text: `${name}()`, result: null } } = definition;
  const described = { name, summary, parameters, returns, example };
  return { throwing: { ...described, call: throwing }, quiet: { ...described, call: quiet } };
}

/** Whether the arguments from `i` on are what a parameter takes. */
type Fit = (values: readonly unknown[], i: number) => boolean;

function fitOf({ type, optional, rest }: FunctionParameter): Fit {
  if (type === 'any') return () => true;
  const fits = (value: unknown): boolean => (optional === true && value === undefined) || kindOf(value) === type;
  if (rest === true) return (values, i) => values.slice(i).every(fits);
  return (values, i) => fits(values[i]);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The result as a value of JSON. Scalars, which most are, cost nothing. */
function resultOf(result: unknown): JsonValue | undefined {
  switch (typeof result) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return result;
    case 'number':
      return Number.isFinite(result) ? result : undefined;
    case 'object':
      return result === null ? null : (plainCopy({ result })['result'] as JsonValue);
    default:
      throw new NotJson(`it is ${describe(result)}`);
  }
}
