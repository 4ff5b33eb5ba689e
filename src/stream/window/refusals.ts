import type { OperatorContext } from '../../sdk/operator.ts';
import { type Rejected, rejected } from '../../sdk/step.ts';
import { MAX_GROUP_LENGTH } from '../group-by.ts';

export function groupTooLong(): Rejected {
  return rejected('WINDOW_GROUP_TOO_LONG', { limit: MAX_GROUP_LENGTH });
}

export function tooManyGroups({ partition, id, component }: OperatorContext, limit: number): Rejected {
  return rejected('WINDOW_TOO_MANY_GROUPS', { partition, step: id, component, limit });
}
