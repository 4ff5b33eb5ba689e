import { errorTable } from './definition.ts';

/** Errors of pipeline files and settings. */
export const configErrors = errorTable({
  CONFIG_UNKNOWN_KEY: { message: 'unknown key {key}', domain: 'user', retry: 'never' },
});
