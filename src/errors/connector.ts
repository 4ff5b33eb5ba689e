import { errorTable } from './definition.ts';

/** Errors of connectors. */
export const connectorErrors = errorTable({
  FILE_UNREADABLE: { message: 'reading the file {path}: {reason}', domain: 'external', retry: 'backoff' },
});
