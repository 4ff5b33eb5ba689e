import { errorTable } from './definition.ts';

/** Errors of steps at work on a record: the reasons of dead letters. */
export const stepErrors = errorTable({
  RECORD_NOT_JSON: { message: 'decoding the value as a JSON object: {reason}', domain: 'user', retry: 'never' },
  RECORD_NOT_ENCODABLE: { message: 'encoding the value as JSON: {reason}', domain: 'user', retry: 'never' },
});
