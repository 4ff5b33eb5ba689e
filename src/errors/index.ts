import { clusterErrors } from './cluster.ts';
import { configErrors } from './config.ts';
import { connectorErrors } from './connector.ts';
import type { ErrorDefinition, ErrorDomain, RetryHint } from './definition.ts';
import { expressionErrors } from './expression.ts';
import { kafkaErrors } from './kafka.ts';
import { pluginErrors } from './plugin.ts';
import { processorErrors } from './processor.ts';
import { runtimeErrors } from './runtime.ts';
import { stepErrors } from './step.ts';
import { ownField } from './thrown.ts';

export type { ErrorDefinition, ErrorDomain, RetryHint } from './definition.ts';
export { isError, ownField, reasonOf, stackOf } from './thrown.ts';

/** Every error that Millrace reports, by its code. Codes are never reused for something else. */
export const errors = {
  ...configErrors,
  ...expressionErrors,
  ...stepErrors,
  ...processorErrors,
  ...pluginErrors,
  ...kafkaErrors,
  ...runtimeErrors,
  ...connectorErrors,
  ...clusterErrors,
};

export type ErrorCode = keyof typeof errors;

/** What fills the `{name}` places of a message. */
export type ErrorParameters = Readonly<Record<string, string | number>>;

/** Whether a text is a code of the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errors, code);
}

const BRAND = Symbol.for('millrace.error');

/** The message of `code` with its places filled. A place without a parameter stays as it is, so that tests see it. */
export function errorMessage(code: ErrorCode, parameters: ErrorParameters = {}): string {
  return errors[code].message.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(parameters[name] ?? place));
}

/** An error with a code of the table. Recognise one by {@link isMillraceError}: a plugin may carry another copy of this class. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, parameters: ErrorParameters = {}, options?: { cause?: unknown }) {
    super(errorMessage(code, parameters), options);
    this.name = 'MillraceError';
    this.code = code;
    this.parameters = parameters;
  }

  get domain(): ErrorDomain {
    return (errors[this.code] as ErrorDefinition).domain;
  }

  get retry(): RetryHint {
    return (errors[this.code] as ErrorDefinition).retry;
  }
}

/** Whether it is one, also of another copy of this class. Nothing of it is called: what was thrown may be anything. */
export function isMillraceError(error: unknown): error is MillraceError {
  if (ownField(error, BRAND) !== true || typeof ownField(error, 'message') !== 'string') return false;
  return isErrorCode(ownField(error, 'code'));
}
