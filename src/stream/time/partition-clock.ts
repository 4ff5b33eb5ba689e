import { NO_WATERMARK } from '../../sdk/operator.ts';

/** What is stored of a clock, with the state that it speaks of. */
export interface StoredClock {
  /** The latest event time seen, in ms; absent before the first record. */
  readonly latest?: number;
  /** The watermark, where idleness has moved it beyond what the records say. */
  readonly watermark?: number;
}

export interface ClockRules {
  /** How much later than a record with a later time a record may come without being late, in ms. */
  readonly waitMs: number;
  readonly whenIdle: 'advance' | 'hold';
}

/**
 * Event time in one input partition (DESIGN.md 4.3 and 4.5): its watermark is the latest time seen, less `wait`, less 1 ms (an
 * event exactly `wait` behind is on time, as in Flink's bounded out-of-orderness). It never moves back.
 *
 * While the partition is idle its watermark goes on with the wall clock, from where it was, and never past now - `wait` - 1.
 */
export class PartitionClock {
  readonly #rules: ClockRules;
  #latest = NO_WATERMARK;
  #watermark = NO_WATERMARK;
  /** Wall-clock time at which it became idle, and the watermark at that moment. */
  #idleSince: number | undefined;
  #idleFrom = NO_WATERMARK;

  constructor(rules: ClockRules, stored?: StoredClock) {
    this.#rules = rules;
    if (stored?.latest !== undefined) this.#latest = stored.latest;
    this.#watermark = Math.max(stored?.watermark ?? NO_WATERMARK, this.#latest - rules.waitMs - 1);
  }

  get watermark(): number {
    return this.#watermark;
  }

  get idle(): boolean {
    return this.#idleSince !== undefined;
  }

  /** Whether it holds back what it is merged with: a partition that is idle and never had a record knows no time. */
  get counts(): boolean {
    return !this.idle || this.#watermark !== NO_WATERMARK || this.#rules.whenIdle === 'hold';
  }

  /** A record with this event time, in ms, has been processed. True where the watermark has moved. */
  observe(time: number): boolean {
    this.#idleSince = undefined;
    if (time <= this.#latest) return false;
    this.#latest = time;
    const watermark = time - this.#rules.waitMs - 1;
    if (watermark <= this.#watermark) return false;
    this.#watermark = watermark;
    return true;
  }

  /** A record without a usable time: it shows only that the partition is not idle. */
  wake(): void {
    this.#idleSince = undefined;
  }

  /** The partition is idle, at wall-clock time `now` in ms. True where that has changed anything. */
  passIdle(now: number): boolean {
    const began = this.#idleSince === undefined;
    if (this.#idleSince === undefined) {
      this.#idleSince = now;
      this.#idleFrom = this.#watermark;
    }
    if (this.#rules.whenIdle === 'hold' || this.#idleFrom === NO_WATERMARK) return began;
    const passed = Math.min(this.#idleFrom + (now - this.#idleSince), now - this.#rules.waitMs - 1);
    if (passed <= this.#watermark) return began;
    this.#watermark = passed;
    return true;
  }

  stored(): StoredClock {
    return {
      ...(this.#latest === NO_WATERMARK ? {} : { latest: this.#latest }),
      ...(this.#watermark === NO_WATERMARK ? {} : { watermark: this.#watermark }),
    };
  }

  /** Forgets what has not been committed. */
  restore(stored: StoredClock): void {
    this.#latest = stored.latest ?? NO_WATERMARK;
    this.#watermark = stored.watermark ?? NO_WATERMARK;
    this.#idleSince = undefined;
  }
}
