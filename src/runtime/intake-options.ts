import type { BatchConsumer, OffsetLookup, RebalanceEvent, TopicPartition, TopicPartitionOffset } from '../kafka/types.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { ResetPlace } from '../topology/reset-place.ts';

/** What a task's intake is made of. */
export interface IntakeOptions {
  readonly group: string;
  /** How its task is reset. */
  readonly reset: ResetPlace;
  readonly topics: readonly string[];
  readonly createConsumer: (onRebalance: (event: RebalanceEvent) => void) => BatchConsumer;
  readonly lookup: OffsetLookup;
  /** Where partitions begin once they are this task's, for lag. */
  readonly onStart: (at: readonly TopicPartitionOffset[]) => void;
  /** Loads what must be there before partitions are read. It rejects where that has to be tried again. */
  readonly restore?: (partitions: readonly TopicPartition[]) => Promise<void>;
  readonly onGiveUp: (partitions: readonly TopicPartition[]) => void;
  /** Present where the task must have every partition to itself (`--once`): how many there are, over all topics. */
  readonly allPartitions?: number;
  readonly clock: Clock;
  readonly log: Logger;
}
