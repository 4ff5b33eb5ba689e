import { NO_WATERMARK } from '../../sdk/operator.ts';

/** What one upstream partition says of its event time, at the end of a micro-batch of its own (DESIGN.md 4.4). */
export interface Marker {
  readonly topic: string;
  readonly partition: number;
  /** How many partitions the upstream topic has: one that is not heard from yet holds the watermark back. */
  readonly partitions: number;
  /** In ms; absent: it knows no time yet. */
  readonly watermark?: number;
  /** Idle without any record so far: it holds nothing back. */
  readonly silent?: boolean;
}

/** What is stored of it: the last marker of each upstream partition. */
export type StoredMarkers = readonly Marker[];

/**
 * Event time behind a repartition: the minimum of what all upstream partitions last said. Markers are written in the
 * transaction of the records before them, so whatever they cover is there already; a partition that has not been heard
 * from holds the others back.
 */
export class MergedClock {
  /** What is upstream; all of it must be heard from. */
  readonly #upstream: readonly string[];
  readonly #markers = new Map<string, Marker>();
  #watermark = NO_WATERMARK;

  constructor(upstream: readonly string[], stored: StoredMarkers = []) {
    this.#upstream = upstream;
    this.restore(stored);
  }

  get watermark(): number {
    return this.#watermark;
  }

  /** Whether it holds back what it is merged with: it does not where everything upstream is idle and never had a record. */
  get counts(): boolean {
    for (const marker of this.#markers.values()) if (marker.silent !== true) return true;
    return !this.#complete();
  }

  /** True where the watermark has moved. It never moves back, whatever a marker says. */
  observe(marker: Marker): boolean {
    this.#keep(marker);
    const minimum = this.#minimum();
    if (minimum <= this.#watermark) return false;
    this.#watermark = minimum;
    return true;
  }

  stored(): StoredMarkers {
    return [...this.#markers.values()];
  }

  /** Forgets what has not been stored. */
  restore(stored: StoredMarkers): void {
    this.#markers.clear();
    for (const marker of stored) this.#keep(marker);
    this.#watermark = this.#minimum();
  }

  #keep(marker: Marker): void {
    this.#markers.set(`${marker.topic}/${marker.partition}`, marker);
  }

  #minimum(): number {
    if (!this.#complete()) return NO_WATERMARK;
    let least = Number.POSITIVE_INFINITY;
    for (const { watermark, silent } of this.#markers.values()) {
      if (silent !== true) least = Math.min(least, watermark ?? NO_WATERMARK);
    }
    return least === Number.POSITIVE_INFINITY ? NO_WATERMARK : least;
  }

  /** Whether every partition upstream has been heard from. */
  #complete(): boolean {
    return this.#upstream.every((topic) => {
      let heard = 0;
      let partitions = Number.POSITIVE_INFINITY;
      for (const marker of this.#markers.values()) {
        if (marker.topic !== topic) continue;
        heard += 1;
        partitions = marker.partitions;
      }
      return heard >= partitions;
    });
  }
}
