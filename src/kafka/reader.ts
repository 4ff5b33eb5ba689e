import type { ReadLimits, ReadResult, TopicPartition } from './types.ts';

/**
 * How a consumer takes batches from librdkafka. What a read has taken but can't return is held back for the next one, because
 * librdkafka counts it as consumed.
 */
export interface BatchReader {
  /** One at a time. */
  read(limits: ReadLimits): Promise<ReadResult>;
  /** From the next read on nothing held back of the partition is returned. */
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Drops what is held back of the partition: it was sought or given up. */
  discard(partition: TopicPartition): void;
  /** Frees what is held back; must come before the client's disconnect, and not during a read. */
  close(): void;
}
