import type { Aggregation } from '../../sdk/aggregation.ts';
import type { Evaluate } from '../../sdk/option.ts';
import type { GroupBy } from '../group-by.ts';
import type { LatePolicy } from '../late.ts';

/** What all kinds of windows have in common. */
export interface WindowSettings {
  readonly groupBy: GroupBy;
  readonly aggregation: Aggregation;
  /** A condition over the whole result; what does not meet it is not emitted. */
  readonly having?: Evaluate | undefined;
  /** For how long after its close a window takes late records, in ms of event time. */
  readonly keep: number;
  readonly emit: Emission;
  readonly late: LatePolicy;
  /** Groups in open windows that a partition may hold. */
  readonly maxGroups: number;
}

/** When results are emitted before and after the close: only when it comes, once a micro-batch, or at intervals of wall-clock time (ms). */
export type Emission = 'close' | 'update' | { readonly every: number };
