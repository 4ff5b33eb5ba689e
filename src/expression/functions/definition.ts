import type { JsonValue } from '../../record/json.ts';
import type { RecordType } from '../../sdk/types/index.ts';
import type { ValueType } from '../../sdk/value-type.ts';
import type { Pattern } from '../pattern.ts';

export type { ValueType } from '../../sdk/value-type.ts';

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
  /** What is known of the result, by what is known of the arguments, where that is more than `returns` says. */
  yields?(given: readonly RecordType[]): RecordType;
  readonly example: { readonly text: string; readonly result: JsonValue };
  /**
   * Pure, bounded and quick. It must not throw: for arguments that make no sense (missing ones among them) it returns
   * `undefined`. It must neither change nor keep its arguments.
   */
  // A method, so that a function may declare the arguments it takes by position, without a list made for each call.
  call(...values: Argument[]): JsonValue | undefined;
  /**
   * Gives what is called in place of `call`, with the same arguments and the same results, where the arguments that are literals
   * can be looked at once instead of for each record: networks, zones. `literals` is as for `check`.
   */
  prepare?(literals: readonly (JsonValue | undefined)[]): ExpressionFunction['call'] | undefined;
  /** Looks at the arguments that are literals, or lists of them (`undefined` for the others), when a file is loaded. Returns what is wrong. */
  check?(literals: readonly (JsonValue | undefined)[]): string | undefined;
}

/** What can be called: a function or an aggregate. */
export interface Callable {
  readonly name: string;
  readonly parameters: readonly (Omit<Parameter, 'rest'> & { readonly rest?: true; readonly constant?: true })[];
  readonly returns: ValueType;
}

/** How something is called: `substring(text: string, start: number, end?: number): string`. */
export function signatureOf(definition: Callable): string {
  const parameters = definition.parameters.map(
    ({ name, type, optional, rest, constant }) =>
      `${rest ? '...' : ''}${name}${optional ? '?' : ''}: ${constant ? 'constant ' : ''}${type}`,
  );
  return `${definition.name}(${parameters.join(', ')}): ${definition.returns}`;
}
