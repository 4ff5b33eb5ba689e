/** The times (ms) at which a key was let through: mostly one. */
type Times = number | readonly number[];

/** Keys are sorted into slices of time, which are forgotten as a whole: few enough to be looked through, thin enough to hold little too long. */
const SLICES_PER_PERIOD = 32;
const THINNEST_SLICE_MS = 1000;

/**
 * When each key was let through. Which of its times are over is decided by those who ask; here they are only forgotten, slice by
 * slice, once they cannot matter any more.
 */
export class SeenKeys {
  readonly #times = new Map<string, Times>();
  /** The keys let through in each slice of time. A key that is gone, or stands there twice, does no harm. */
  readonly #slices = new Map<number, string[]>();
  readonly #slice: number;
  #size = 0;
  /** The end of the oldest slice, so that there is nothing to do before it. */
  #oldest = Number.POSITIVE_INFINITY;

  /** `period`: how long times matter, in ms. */
  constructor(period: number) {
    this.#slice = Math.max(THINNEST_SLICE_MS, Math.ceil(period / SLICES_PER_PERIOD));
  }

  /** (key, time) pairs held. */
  get size(): number {
    return this.#size;
  }

  timesOf(key: string): readonly number[] {
    const times = this.#times.get(key);
    if (times === undefined) return [];
    return typeof times === 'number' ? [times] : times;
  }

  /** Whether a time of the key is in [from, to]. */
  has(key: string, from: number, to: number): boolean {
    const times = this.#times.get(key);
    if (times === undefined) return false;
    if (typeof times === 'number') return times >= from && times <= to;
    return times.some((time) => time >= from && time <= to);
  }

  add(key: string, time: number): void {
    const times = this.#times.get(key);
    if (times === undefined) this.#times.set(key, time);
    else this.#times.set(key, typeof times === 'number' ? [times, time] : [...times, time]);
    this.#size += 1;
    const number = Math.floor(time / this.#slice);
    const slice = this.#slices.get(number);
    if (slice === undefined) this.#slices.set(number, [key]);
    else slice.push(key);
    this.#oldest = Math.min(this.#oldest, (number + 1) * this.#slice);
  }

  remove(key: string, time: number): void {
    const times = this.#times.get(key);
    if (times === undefined) return;
    const kept = typeof times === 'number' ? without([times], time) : without(times, time);
    if (kept.length === 0) this.#times.delete(key);
    else this.#times.set(key, kept.length === 1 ? (kept[0] as number) : kept);
    this.#size -= 1;
  }

  /** Removes all times of slices that end at `time` or before, and says of each that it is gone. */
  expire(time: number, gone: (key: string, time: number) => void): void {
    if (this.#oldest > time) return;
    this.#oldest = Number.POSITIVE_INFINITY;
    for (const [number, keys] of this.#slices) {
      const end = (number + 1) * this.#slice;
      if (end > time) {
        this.#oldest = Math.min(this.#oldest, end);
        continue;
      }
      this.#slices.delete(number);
      for (const key of keys) this.#expireKey(key, end, gone);
    }
  }

  #expireKey(key: string, end: number, gone: (key: string, time: number) => void): void {
    for (const time of this.timesOf(key)) {
      if (time >= end) continue;
      this.remove(key, time);
      gone(key, time);
    }
  }
}

function without(times: readonly number[], time: number): readonly number[] {
  const at = times.indexOf(time);
  return at < 0 ? times : times.toSpliced(at, 1);
}
