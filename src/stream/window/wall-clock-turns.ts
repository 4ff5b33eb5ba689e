/** What has changed since it was emitted last, where results are emitted at intervals of wall-clock time. */
export class WallClockTurns<Changed> {
  readonly #every: number;
  #changed: Changed[] = [];
  #last: number | undefined;

  /** `every`: the interval in ms. */
  constructor(every: number) {
    this.#every = every;
  }

  add(changed: Changed): void {
    this.#changed.push(changed);
  }

  /** What is due at `now`, in ms: everything, or nothing. The first interval begins with the first call. */
  take(now: number): readonly Changed[] {
    this.#last ??= now;
    if (now - this.#last < this.#every) return [];
    this.#last = now;
    const taken = this.#changed;
    this.#changed = [];
    return taken;
  }

  clear(): void {
    this.#changed = [];
  }
}
