import type { ComponentStats } from '../telemetry/stats.ts';
import type { MicroBatch } from './micro-batch.ts';

/** What is counted of a micro-batch. */
type Counted = Pick<MicroBatch, 'records' | 'bytes' | 'deadLetters' | 'dropped'>;

/** Counts a commit that has succeeded, with what it held: micro-batches and the records each of them put out. */
export function countCommit(
  stats: ComponentStats,
  seconds: number,
  batches: readonly { readonly batch: Counted; readonly out: number }[],
): void {
  stats.commits += 1;
  stats.commitSeconds += seconds;
  for (const { batch, out } of batches) {
    stats.recordsIn += batch.records;
    stats.bytesIn += batch.bytes;
    stats.recordsOut += out;
    stats.deadLetters += batch.deadLetters;
    stats.dropped += batch.dropped;
  }
}
