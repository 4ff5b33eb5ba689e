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

export type { ErrorDefinition, ErrorDomain, RetryHint } from './definition.ts';

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

export function isMillraceError(error: unknown): error is MillraceError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** The reason in any thrown value, for a `{reason}` place: an error's message, else the value as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
