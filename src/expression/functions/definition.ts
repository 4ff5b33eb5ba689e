import type { JsonValue } from '../../record/json.ts';
import type { Pattern } from '../pattern.ts';

/** What is known of a value before any record is seen. Every value may be missing beside. */
export type ValueType = 'any' | 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';

/** What an argument may be. A `regexp` is a literal between slashes, checked when the file is loaded. */
export type ParameterType = ValueType | 'regexp' | 'string or regexp';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** It may be left out. */
  readonly optional?: true;
  /** It may be given any number of times; only the last parameter. */
  readonly rest?: true;
}

export type Argument = JsonValue | undefined | Pattern;

/** A function that expressions may call: the only place where its signature and its documentation exist. */
export interface ExpressionFunction {
  readonly name: string;
  /** One sentence for the reference. It says what the result is where an argument is missing or of another type. */
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly returns: ValueType;
  readonly example: { readonly text: string; readonly result: JsonValue };
  /**
   * Pure, bounded and quick. It must not throw: for arguments that make no sense (missing ones among them) it returns
   * `undefined`. It must neither change nor keep its arguments.
   */
  // A method, so that a function may declare the arguments it takes by position, without a list made for each call.
  call(...values: Argument[]): JsonValue | undefined;
  /** Looks at the arguments that are literals (`undefined` for the others) when a file is loaded. Returns what is wrong. */
  check?(literals: readonly (JsonValue | undefined)[]): string | undefined;
}

/** How a function is called: `substring(text: string, start: number, end?: number): string`. */
export function signatureOf(definition: ExpressionFunction): string {
  const parameters = definition.parameters.map(
    ({ name, type, optional, rest }) => `${rest ? '...' : ''}${name}${optional ? '?' : ''}: ${type}`,
  );
  return `${definition.name}(${parameters.join(', ')}): ${definition.returns}`;
}
