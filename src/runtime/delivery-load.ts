import { BatchBuilder } from '../record/batch-builder.ts';
import type { Origin } from './dead-letter.ts';

/** The records of a delivery unit: most of its memory, and needed only until the destination has them. */
export class DeliveryLoad {
  /** The processed records. */
  readonly rows = new BatchBuilder();
  /** Everything read, where steps change values, and the row there of each processed record. */
  readonly originals = new BatchBuilder();
  readonly originalRows: number[] = [];
  /** Origins of replayed dead letters, by row; all others are where they were read. */
  readonly origins = new Map<number, Origin>();

  clear(): void {
    this.rows.reset();
    this.originals.reset();
    this.originalRows.length = 0;
    this.origins.clear();
  }
}
