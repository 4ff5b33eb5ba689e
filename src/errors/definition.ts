/** Who has to act: the user (a mistake in a file), somebody outside (a server is down), or Millrace's developers. */
export type ErrorDomain = 'user' | 'external' | 'internal';

/** What the runtime does: `never` gives up on this record or task, `backoff` tries again for ever, with growing waits. */
export type RetryHint = 'never' | 'backoff';

export interface ErrorDefinition {
  /**
   * What was being done, to what, and how to mend it; `{name}` is filled from the parameters. Gerund first
   * ("reading the file {path}: {reason}"), never "failed to".
   */
  readonly message: string;
  readonly domain: ErrorDomain;
  readonly retry: RetryHint;
}

/** Keeps the keys of a table of errors as literal types. */
export function errorTable<const T extends Record<string, ErrorDefinition>>(table: T): T {
  return table;
}
