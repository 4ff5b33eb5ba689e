import { ownField, reasonOf } from '../errors/index.ts';

const BRAND = Symbol.for('millrace.retryable');

/** An error whose reason may pass: a server that is away, a deadlock, a limit of requests. */
export class RetryableError extends Error {
  readonly [BRAND] = true;
}

/**
 * Makes an error one that is tried again, with growing waits, for `retryFor` of the processor:
 *
 *     if (response.status === 503) throw retryable(new Error(`the scoring service answers ${response.status}`));
 */
export function retryable(error: unknown): RetryableError {
  return new RetryableError(reasonOf(error), { cause: error });
}

export function isRetryable(error: unknown): boolean {
  return ownField(error, BRAND) === true;
}
