import { errorMessage } from '../../errors/index.ts';
import type { OperatorContext } from '../../sdk/operator.ts';
import type { Rejected } from '../../sdk/step.ts';
import { MAX_GROUP_LENGTH } from './group-by.ts';

export function groupTooLong(): Rejected {
  const code = 'WINDOW_GROUP_TOO_LONG';
  return { kind: 'rejected', code, message: errorMessage(code, { limit: MAX_GROUP_LENGTH }) };
}

export function tooManyGroups({ partition, id, component }: OperatorContext, limit: number): Rejected {
  const code = 'WINDOW_TOO_MANY_GROUPS';
  return { kind: 'rejected', code, message: errorMessage(code, { partition, step: id, component, limit }) };
}
