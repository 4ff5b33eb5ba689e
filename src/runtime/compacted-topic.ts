import { KafkaError } from '../kafka/error.ts';
import type { Kafka, OffsetLookup } from '../kafka/types.ts';
import { Offset } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';

const WATERMARK_WAIT_MS = 30_000;
const READ_WAIT_MS = 500;
/** After so many reads of nothing the brokers are asked whether they are there at all: 10 s. */
const SILENT_READS = 20;

export interface PartitionReading {
  readonly kafka: Kafka;
  readonly lookup: OffsetLookup;
  readonly topic: string;
  readonly partition: number;
  /** Where to begin; absent: at the beginning. */
  readonly from?: number;
  readonly signal?: AbortSignal;
  /** Called between the records of one read and those of the next, for what has to be awaited; `false` ends the reading. */
  readonly between?: () => Promise<boolean>;
}

/**
 * Reads all of a partition, read committed, to the high watermark that a read-uncommitted look gives. With another
 * producer's transaction open, the end-of-partition event first comes at the last stable offset; what lies behind it
 * may be ours, so the read goes on until the event has reached the mark. Rejects where the brokers are gone.
 */
export async function readWhole(at: PartitionReading, each: (batch: RecordBatch, row: number) => void): Promise<void> {
  const { kafka, lookup, topic, partition, signal, between, from = Offset.beginning } = at;
  const { high } = await lookup.watermarks({ topic, partition }, WATERMARK_WAIT_MS);
  if (high <= 0 || from >= high) return;
  const consumer = kafka.consumer({});
  try {
    await consumer.connect();
    consumer.assign([{ topic, partition, offset: from }]);
    for (let end = -1, silent = 0; end < high; ) {
      signal?.throwIfAborted();
      const { batch, events } = await consumer.read({ maxRecords: 4_096, maxBytes: 1_000_000, timeoutMs: READ_WAIT_MS });
      for (let row = 0; row < batch.length; row += 1) each(batch, row);
      if (batch.length > 0 && between !== undefined && !(await between())) return;
      for (const event of events) {
        if (event.kind === 'end') {
          end = event.offset;
          silent = 0;
        } else if (event.error.fatal) throw new KafkaError(`reading ${topic} partition ${partition}`, event.error);
      }
      silent = batch.length > 0 ? 0 : silent + 1;
      if (silent < SILENT_READS) continue;
      await lookup.watermarks({ topic, partition }, WATERMARK_WAIT_MS);
      silent = 0;
    }
  } finally {
    await consumer.close();
  }
}
