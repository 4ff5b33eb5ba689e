import { errorTable } from './definition.ts';

/** Errors of running tasks. */
export const runtimeErrors = errorTable({
  RUNTIME_INTERNAL: { message: '{reason} (this is a bug in Millrace; please report it)', domain: 'internal', retry: 'backoff' },
});
