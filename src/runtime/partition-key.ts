import type { TopicPartition } from '../kafka/types.ts';

/** A partition as the key of a map. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
