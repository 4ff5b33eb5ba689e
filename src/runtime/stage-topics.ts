import type { TopicSpec } from '../kafka/types.ts';
import type { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import type { StageNode } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { DEAD_LETTER_BYTES } from './dead-letter.ts';
import { replicationOf } from './topics.ts';

/** How long records stay in a repartition topic, counted from their arrival: a stage that is down for longer has lost what was left. */
const REPARTITION_RETENTION_MS = 7 * 86_400_000;
/** Segments of topics that are rewritten all the time: compaction and retention work on whole ones only. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

export interface StageTopicsAt {
  readonly pipeline: Pipeline;
  readonly names: Names;
  readonly settings: Settings;
  /** The partitions of a topic, undefined where it is not there yet. */
  readonly partitionsOf: (topic: string) => number | undefined;
}

/**
 * The topics between the stages of streams and of their state, in the order of the flow. Their partitions follow from those of
 * the streams' inputs. A stage whose inputs are not there yet has none so far.
 */
export function stageTopics(
  stages: readonly StageNode[],
  { pipeline, names, settings, partitionsOf }: StageTopicsAt,
): TopicSpec[] {
  const planned = new Map<string, number>();
  const countOf = (topic: string): number | undefined => partitionsOf(topic) ?? planned.get(topic);
  const specs: TopicSpec[] = [];
  const add = (name: string, partitions: number, config: Record<string, string>): void => {
    planned.set(name, partitions);
    specs.push({ name, partitions, ...replicationOf(settings), config: { ...COMMON, ...config } });
  };
  for (const stage of stages) {
    if (!stage.timed) continue;
    const counts = stage.from.map(countOf);
    if (counts.some((count) => count === undefined)) continue;
    const most = Math.max(...(counts as number[]));
    if (stage.changelog !== undefined)
      add(stage.changelog, most, { 'cleanup.policy': 'compact', 'segment.bytes': String(SEGMENT_BYTES) });
    // Replayed dead letters go to the state that they belong to.
    if (stage.stateful) add(names.retry(pipeline.name, stage.name), most, {});
    const { repartition } = stage;
    if (repartition === undefined) continue;
    const like = repartition.like.map(countOf);
    if (like.some((count) => count === undefined)) continue;
    add(repartition.topic, Math.max(1, ...(like as number[])), {
      'retention.ms': String(REPARTITION_RETENTION_MS),
      'segment.bytes': String(SEGMENT_BYTES),
    });
  }
  return specs;
}

const COMMON = { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': String(DEAD_LETTER_BYTES) };
