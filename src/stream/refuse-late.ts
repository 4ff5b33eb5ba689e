import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import type { OperatorOutcome, WindowCounters } from '../sdk/operator.ts';
import { type LatePolicy, lateOutcome } from './late.ts';

/** Counts a late record and says what becomes of it. */
export function refuseLate(
  policy: LatePolicy,
  counters: WindowCounters,
  reason: { readonly code: ErrorCode; readonly parameters: ErrorParameters },
): OperatorOutcome {
  counters.pairs += 1;
  if (policy === 'drop') counters.lateDropped += 1;
  else counters.lateRouted += 1;
  return lateOutcome(policy, reason.code, () => reason.parameters);
}

/** A time for a message. */
export function isoTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'the end of time';
}
