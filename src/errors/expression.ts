import { errorTable } from './definition.ts';

/** Errors of expressions, templates and `map` programs. All are found when the file is loaded, before anything runs. */
export const expressionErrors = errorTable({
  EXPRESSION_SYNTAX: { message: '{reason}', domain: 'user', retry: 'never' },
  EXPRESSION_UNSUPPORTED: { message: '{what} cannot be used in an expression: {instead}', domain: 'user', retry: 'never' },
  EXPRESSION_UNKNOWN_FUNCTION: { message: 'there is no function {name}: {instead}', domain: 'user', retry: 'never' },
  EXPRESSION_UNKNOWN_METADATA: { message: 'there is no metadata {name}: {instead}', domain: 'user', retry: 'never' },
  EXPRESSION_FORBIDDEN_NAME: {
    message: 'the name {name} leads to the prototype of an object and is refused in fields; give the field another name',
    domain: 'user',
    retry: 'never',
  },
  EXPRESSION_ARGUMENTS: { message: 'calling {signature}: {reason}', domain: 'user', retry: 'never' },
  EXPRESSION_AGGREGATE: { message: '{reason}', domain: 'user', retry: 'never' },
  EXPRESSION_MATCH: { message: '{reason}', domain: 'user', retry: 'never' },
  EXPRESSION_NOT_IN_RESULT: {
    message: 'the result has no field {name}, outside of aggregates: {instead}',
    domain: 'user',
    retry: 'never',
  },
  EXPRESSION_UNKNOWN_FIELD: { message: 'no record has the field {field} here: {instead}', domain: 'user', retry: 'never' },
  EXPRESSION_UNTYPED_FIELD: {
    message: 'nothing is known of the field {field}, and the pipeline is strict: {instead}',
    domain: 'user',
    retry: 'never',
  },
  TYPE_NOT_IN_SCHEMA: {
    message: 'what is written to the topic {topic} does not fit its schema: {reason}',
    domain: 'user',
    retry: 'never',
  },
  TYPE_NOT_SAID: {
    message: 'the step {kind} failed to say what it yields, so that nothing is known behind it: {reason}',
    domain: 'user',
    retry: 'never',
  },
  EXPRESSION_TYPE: { message: '{reason}', domain: 'user', retry: 'never' },
  EXPRESSION_REGEXP: { message: 'the regular expression {pattern} {reason}', domain: 'user', retry: 'never' },
  EXPRESSION_TOO_LARGE: { message: 'the {what} is too large ({reason}): split it up', domain: 'user', retry: 'never' },
  EXPRESSION_STATEMENT: {
    message: '{reason}; a statement is `path = expression` or `delete path`',
    domain: 'user',
    retry: 'never',
  },
  EXPRESSION_LITERAL: {
    message: '{written} is taken as it stands here; the field is {instead}',
    domain: 'user',
    retry: 'never',
  },
  EXPRESSION_UNTERMINATED: { message: '{reason}', domain: 'user', retry: 'never' },
});
