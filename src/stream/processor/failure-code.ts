import { type ErrorCode, isMillraceError } from '../../errors/index.ts';
import { isRetryable } from '../../sdk/retryable.ts';

/** The code of a record's dead letter, by what was thrown at it. A continuous processor is not tried again in place. */
export function failureCode(error: unknown, { continuous = false }: { readonly continuous?: boolean } = {}): ErrorCode {
  if (isMillraceError(error)) return error.code;
  return isRetryable(error) && !continuous ? 'PROCESSOR_RETRIED' : 'PROCESSOR_THREW';
}
