import { errorMessage } from '../../errors/index.ts';
import { toIso } from '../../record/iso-time.ts';
import type { OperatorOutcome, RecordTime } from '../../sdk/operator.ts';
import { DROPPED } from '../../sdk/step.ts';
import type { PairCounts } from './pair-counts.ts';
import type { LatePolicy } from './settings.ts';

/** Says what becomes of records that are late for all of their windows, and counts them. */
export class LateRecords {
  readonly #policy: LatePolicy;
  readonly #counts: PairCounts;
  readonly #routed: OperatorOutcome | undefined;

  constructor(policy: LatePolicy, counts: PairCounts) {
    this.#policy = policy;
    this.#counts = counts;
    this.#routed = typeof policy === 'object' ? { kind: 'routed', topic: policy.topic } : undefined;
  }

  /** A record that `windows` windows refuse, and none takes. */
  refuse(windows: number, { time, watermark }: RecordTime): OperatorOutcome {
    const { current } = this.#counts;
    if (this.#policy === 'drop') {
      current.lateDropped += windows;
      return DROPPED;
    }
    current.lateRouted += windows;
    if (this.#routed !== undefined) return this.#routed;
    const parameters = { time: toIso(time), watermark: Number.isFinite(watermark) ? toIso(watermark) : 'its end' };
    return { kind: 'rejected', code: 'WINDOW_LATE', message: errorMessage('WINDOW_LATE', parameters) };
  }
}
