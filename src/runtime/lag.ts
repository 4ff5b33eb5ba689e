import { Offset, type OffsetLookup } from '../kafka/types.ts';
import type { Task } from './task.ts';

const WATERMARK_WAIT_MS = 2_000;

/** Records behind a task's committed offsets, over its partitions; control records count too. -1 where Kafka does not answer. */
export async function measureLag(task: Task, lookup: OffsetLookup): Promise<number> {
  try {
    let lag = 0;
    for (const { topic, partition, offset } of task.positions()) {
      const { low, high } = await lookup.watermarks({ topic, partition }, WATERMARK_WAIT_MS);
      lag += Math.max(0, high - (offset === Offset.beginning ? low : offset));
    }
    return lag;
  } catch {
    return -1;
  }
}
