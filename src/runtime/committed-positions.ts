import type { TopicPartition, TopicPartitionOffset } from '../kafka/types.ts';

/** How far a task has committed in each of its input partitions. */
export class CommittedPositions {
  readonly #offsets = new Map<string, TopicPartitionOffset>();

  moveTo(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) this.#offsets.set(`${one.topic}/${one.partition}`, one);
  }

  /** Partitions that are another task's from now on. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#offsets.delete(`${topic}/${partition}`);
  }

  list(): readonly TopicPartitionOffset[] {
    return [...this.#offsets.values()];
  }
}
