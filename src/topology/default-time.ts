import type { StreamTime } from './types.ts';

/** How event time goes on in a stream whose file says nothing of it. */
export const DEFAULT_TIME: StreamTime = { waitMs: 0, maxAheadMs: 3_600_000, idleTimeoutMs: 30_000, whenIdle: 'advance' };
