import { isStateful } from '../sdk/operator.ts';
import type { Pipeline, StreamNode, StreamTime } from './types.ts';

/** How event time goes on in a stream whose file says nothing of it. */
export const DEFAULT_TIME = { waitMs: 0, maxAheadMs: 3_600_000, idleTimeoutMs: 30_000, whenIdle: 'advance' } as const;

/**
 * How much longer than the stream that writes its input a stream waits before it takes the input for silent, in ms: more than a result
 * takes on the way. Where a source falls silent the clock moves event time on in both, and what the first one then emits is to be
 * before the time of the second.
 */
const HOP_MS = 10_000;

/** Event time of a stream, with everything decided that the file leaves open. */
export interface TimeRules extends StreamTime {
  readonly idleTimeoutMs: number;
}

/** The rules of a stream. Where the file does not say how long its input may be silent, that follows from what writes it. */
export function timeRulesOf(stream: StreamNode, pipeline: Pipeline): TimeRules {
  return { ...DEFAULT_TIME, ...stream.time, idleTimeoutMs: idleTimeoutOf(stream, pipeline) };
}

function idleTimeoutOf(stream: StreamNode, pipeline: Pipeline): number {
  const own = stream.time?.idleTimeoutMs;
  if (own !== undefined) return own;
  const read = new Set([...stream.from, ...joinedTopics(stream)]);
  const before = pipeline.streams.filter((one) => writtenTopics(one).some((topic) => read.has(topic)));
  return before.reduce<number>((longest, one) => {
    const keepsTime = one.steps.some(({ definition }) => isStateful(definition));
    return Math.max(longest, idleTimeoutOf(one, pipeline) + (keepsTime ? HOP_MS : 0));
  }, DEFAULT_TIME.idleTimeoutMs);
}

function joinedTopics({ steps }: StreamNode): string[] {
  return steps.flatMap(({ definition, options }) => (isStateful(definition) ? (definition.state.joins?.(options) ?? []) : []));
}

function writtenTopics({ to, steps }: StreamNode): string[] {
  const routed = steps.flatMap(({ definition, options }) => definition.topics?.(options) ?? []);
  return to === undefined ? routed : [to, ...routed];
}
