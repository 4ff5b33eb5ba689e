import { errorTable } from './definition.ts';

/** Errors of expressions and templates. */
export const expressionErrors = errorTable({
  EXPRESSION_SYNTAX: { message: '{reason}', domain: 'user', retry: 'never' },
});
