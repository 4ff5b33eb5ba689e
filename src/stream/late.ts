import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import type { OperatorOutcome } from '../sdk/operator.ts';
import { DROPPED, rejected } from '../sdk/step.ts';

/** What becomes of late records: `drop`, `dead_letter`, or the topic that they go to. */
export type LatePolicy = string;

/** What becomes of a late record. The code's message says what it is late for. */
export function lateOutcome(policy: LatePolicy, code: ErrorCode, parameters: () => ErrorParameters): OperatorOutcome {
  if (policy === 'drop') return DROPPED;
  return policy === 'dead_letter' ? rejected(code, parameters()) : { kind: 'routed', topic: policy };
}
