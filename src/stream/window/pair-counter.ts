import { toIso } from '../../record/iso-time.ts';
import { ABSORBED, type OperatorOutcome, type RecordTime, type WindowCounters } from '../../sdk/operator.ts';
import { DROPPED } from '../../sdk/step.ts';
import { type LatePolicy, lateOutcome } from '../late.ts';

const NAMES = ['pairs', 'assigned', 'lateKept', 'lateRouted', 'lateDropped', 'gapDropped'] as const;

function none(): WindowCounters {
  return { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
}

/** Into how many windows a record went, was kept for, and how many refused it. */
export interface Pairs {
  readonly assigned: number;
  readonly kept: number;
  readonly refused: number;
}

/**
 * Counts (record, window) pairs, and says what becomes of a record that no window takes. The totals get the counts once a
 * micro-batch, and give back those of one that is taken back.
 */
export class PairCounter {
  readonly #policy: LatePolicy;
  readonly #totals: WindowCounters;
  readonly #sealed: WindowCounters[] = [];
  #current: WindowCounters = none();

  constructor(policy: LatePolicy, totals: WindowCounters) {
    this.#policy = policy;
    this.#totals = totals;
  }

  /** Counts a record's pairs. Returns what becomes of the record. */
  count(at: RecordTime, { assigned, kept, refused }: Pairs): OperatorOutcome {
    const counts = this.#current;
    counts.pairs += assigned + kept + refused;
    if (assigned + kept > 0) {
      counts.assigned += assigned;
      counts.lateKept += kept;
      // The record is in a window: what it missed cannot go elsewhere with it.
      counts.lateDropped += refused;
      return ABSORBED;
    }
    if (refused > 0) return this.#refuse(at, refused);
    counts.pairs += 1;
    counts.gapDropped += 1;
    return DROPPED;
  }

  #refuse({ time, watermark }: RecordTime, pairs: number): OperatorOutcome {
    if (this.#policy === 'drop') this.#current.lateDropped += pairs;
    else this.#current.lateRouted += pairs;
    return lateOutcome(this.#policy, 'WINDOW_LATE', () => ({
      time: toIso(time),
      watermark: Number.isFinite(watermark) ? toIso(watermark) : 'its end',
    }));
  }

  seal(): void {
    for (const name of NAMES) this.#totals[name] += this.#current[name];
    this.#sealed.push(this.#current);
    this.#current = none();
  }

  commit(): void {
    this.#sealed.shift();
  }

  rollback(): void {
    for (const counts of this.#sealed) for (const name of NAMES) this.#totals[name] -= counts[name];
    this.#sealed.length = 0;
    this.#current = none();
  }
}
