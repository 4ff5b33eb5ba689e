import type { JsonValue } from '../../record/json.ts';
import type { Pipeline, TaskNode } from '../../topology/types.ts';
import type { DeadLetter } from '../pipeline/dead-letters.ts';
import { PipelineRun } from '../pipeline/pipeline-run.ts';
import type { NewTopicRecord } from '../pipeline/topic-records.ts';
import type { StepEvent } from '../trace/step-event.ts';
import { type Journey, journeysOf } from './journeys.ts';

/** A record to explain: put into a topic, or a line that a source reads. */
export type ExplainedInput =
  | { readonly kind: 'topic'; readonly topic: string; readonly record: NewTopicRecord }
  | { readonly kind: 'source'; readonly source: string; readonly line: string };

export interface ExplainOptions {
  readonly inputs: readonly ExplainedInput[];
  /** Wall-clock time in ms since 1970. */
  readonly now: number;
  /** So far the clock moves on at the end, in ms: for windows to close, and what else waits for time. */
  readonly advance: number;
}

/** What a source, stream or sink did with the records that came to it. */
export interface NodeExplanation {
  readonly kind: TaskNode['kind'];
  readonly name: string;
  /** The topic that records go on to; absent: they are delivered, or all of them routed. */
  readonly to?: string;
  readonly journeys: readonly Journey[];
  /** What a source has read, as its topic holds it. */
  readonly read?: readonly JsonValue[];
  /** What the destination of a sink was sent. */
  readonly delivered?: readonly JsonValue[];
}

/** What became of records in a pipeline, step by step. */
export interface Explanation {
  readonly pipeline: string;
  /** In the order of the pipeline file; those that no record came to are left out. */
  readonly nodes: readonly NodeExplanation[];
  readonly deadLetters: readonly DeadLetter[];
  /** What kept records from coming through. */
  readonly problems: readonly string[];
}

/** Runs records through a pipeline in memory, and tells what each step did with them. */
export async function explain(pipeline: Pipeline, { inputs, now, advance }: ExplainOptions): Promise<Explanation> {
  const events: StepEvent[] = [];
  const run = await PipelineRun.start(plain(pipeline), { now, tracer: (event) => events.push(event) });
  try {
    for (const input of inputs) {
      if (input.kind === 'topic') await run.produce(input.topic, [input.record]);
      else await run.feed(input.source, { bytes: Buffer.from(`${input.line}\n`) });
    }
    if (advance > 0) await run.advance(advance);
    const { sources, streams, sinks } = pipeline;
    const fed = new Set(inputs.map((input) => (input.kind === 'source' ? input.source : undefined)));
    const nodes = [...sources, ...streams, ...sinks].map((node) => ({
      ...explained(node, events, run),
      ...(node.kind === 'source' && fed.has(node.name) ? { read: run.topic(node.to).map(({ value }) => value) } : {}),
    }));
    return {
      pipeline: pipeline.name,
      nodes: nodes.filter(({ journeys, read = [], delivered = [] }) => journeys.length + read.length + delivered.length > 0),
      deadLetters: run.deadLetters(),
      problems: run.problems(),
    };
  } finally {
    await run.stop();
  }
}

/** With a topic of somebody else's its records would have to be brought together anew, which explains nothing. */
function plain(pipeline: Pipeline): Pipeline {
  return { ...pipeline, topics: pipeline.topics.map((topic) => ({ ...topic, partitions: 1, external: false })) };
}

function explained(node: TaskNode, events: readonly StepEvent[], run: PipelineRun): NodeExplanation {
  const own = events.filter(({ place }) => place.kind === node.kind && place.node === node.name);
  return {
    kind: node.kind,
    name: node.name,
    ...(node.kind !== 'sink' && node.to !== undefined ? { to: node.to } : {}),
    journeys: journeysOf(node, own),
    ...(node.kind === 'sink' ? { delivered: run.sink(node.name) } : {}),
  };
}
