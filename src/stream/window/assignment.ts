import type { RecordTime } from '../../sdk/operator.ts';
import type { AlignedWindows } from './aligned-windows.ts';
import type { Pairs } from './pair-counter.ts';

/** The aligned windows that a record goes into, and those that it is too late for. One serves all records, one after the other. */
export class Assignment implements Pairs {
  readonly #windows: AlignedWindows;
  /** The starts of those that take it, the last first. */
  readonly starts: Float64Array;
  /** How many. */
  length = 0;
  assigned = 0;
  kept = 0;
  refused = 0;

  constructor(windows: AlignedWindows) {
    this.#windows = windows;
    this.starts = new Float64Array(windows.overlap);
  }

  /** Judges a record's windows: one that ended (its last moment) at `horizon` or before is not there any more. */
  judge({ time, watermark }: RecordTime, horizon: number): void {
    const windows = this.#windows;
    let taken = 0;
    let kept = 0;
    let refused = 0;
    let start = windows.lastStart(time);
    for (let i = 0; i < windows.overlap; i += 1) {
      if (i > 0) start = windows.previousStart(start);
      const end = windows.endOf(start);
      if (end <= time) break;
      if (end - 1 <= horizon) {
        refused += 1;
        continue;
      }
      if (end - 1 <= watermark) kept += 1;
      this.starts[taken] = start;
      taken += 1;
    }
    this.length = taken;
    this.assigned = taken - kept;
    this.kept = kept;
    this.refused = refused;
  }
}
