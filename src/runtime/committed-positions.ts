import type { TopicPartition, TopicPartitionOffset } from '../kafka/types.ts';
import { partitionKey } from './partition-key.ts';

/** How far a task has committed in each of its input partitions. */
export class CommittedPositions {
  readonly #offsets = new Map<string, TopicPartitionOffset>();

  moveTo(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) this.#offsets.set(partitionKey(one), one);
  }

  /** Partitions that are another task's from now on. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#offsets.delete(partitionKey(partition));
  }

  list(): readonly TopicPartitionOffset[] {
    return [...this.#offsets.values()];
  }
}
