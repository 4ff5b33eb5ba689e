import type { WindowCounters } from '../../sdk/operator.ts';

const NAMES = ['pairs', 'assigned', 'lateKept', 'lateRouted', 'lateDropped', 'gapDropped'] as const;

function none(): WindowCounters {
  return { pairs: 0, assigned: 0, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 };
}

/** Counts (record, window) pairs. The totals get them once a micro-batch, and give back those of one that is taken back. */
export class PairCounts {
  readonly #totals: WindowCounters;
  readonly #sealed: WindowCounters[] = [];
  /** Of the micro-batch at work. */
  current: WindowCounters = none();

  constructor(totals: WindowCounters) {
    this.#totals = totals;
  }

  seal(): void {
    for (const name of NAMES) this.#totals[name] += this.current[name];
    this.#sealed.push(this.current);
    this.current = none();
  }

  commit(): void {
    this.#sealed.shift();
  }

  rollback(): void {
    for (const counts of this.#sealed) for (const name of NAMES) this.#totals[name] -= counts[name];
    this.#sealed.length = 0;
    this.current = none();
  }
}
