import { type ErrorCode, type ErrorParameters, errorMessage } from '../../errors/index.ts';
import type { OperatorOutcome, WindowCounters } from '../../sdk/operator.ts';
import { DROPPED, type Rejected } from '../../sdk/step.ts';

/** What becomes of late records: `drop`, `dead_letter`, or the topic that they go to. */
export type LatePolicy = string;

/** Counts a late record and says what becomes of it. */
export function refuseLate(
  policy: LatePolicy,
  counters: WindowCounters,
  reason: { readonly code: ErrorCode; readonly parameters: ErrorParameters },
): OperatorOutcome {
  counters.pairs += 1;
  if (policy === 'drop') {
    counters.lateDropped += 1;
    return DROPPED;
  }
  counters.lateRouted += 1;
  if (policy !== 'dead_letter') return { kind: 'routed', topic: policy };
  return rejected(reason.code, reason.parameters);
}

export function rejected(code: ErrorCode, parameters: ErrorParameters): Rejected {
  return { kind: 'rejected', code, message: errorMessage(code, parameters) };
}

/** A time for a message. */
export function isoTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'the end of time';
}
