import { typeText } from '../sdk/types/index.ts';
import { describeStages, type StageDescription } from './describe-stages.ts';
import { DEFAULT_NAMESPACE } from './name-rules.ts';
import { Names } from './names.ts';
import { type ShownValue, showOptions } from './redact.ts';
import { type TimeRules, timeRulesOf } from './stream-time.ts';
import type { Delivery, OnError, Pipeline, RetryPolicy, SinkNode, SourceNode, StepNode, StreamNode, TopicNode } from './types.ts';

/** A pipeline as plain JSON: for `graph --format json`, the admin API and tests. No secrets, no absolute path of its own. */
export interface PipelineDescription {
  readonly name: string;
  readonly description?: string;
  readonly delivery: Delivery;
  readonly deadLetters: string;
  readonly topics: readonly TopicDescription[];
  readonly nodes: readonly NodeDescription[];
}

/** A topic; its schema as it is shown to people. */
export interface TopicDescription extends Omit<TopicNode, 'schema'> {
  readonly schema?: string;
}

export interface NodeDescription {
  readonly kind: 'source' | 'stream' | 'sink';
  readonly name: string;
  readonly description?: string;
  /** The consumer group; sources have none. */
  readonly group?: string;
  readonly connector?: { readonly type: string; readonly options: ShownValue };
  readonly from: readonly string[];
  /** All topics that it writes, those that its steps route to among them. */
  readonly to: readonly string[];
  readonly partitionBy?: string;
  readonly steps: readonly StepDescription[];
  /** What a stream with steps that have state is run as: one after the other, with what they keep in Kafka. */
  readonly stages?: readonly StageDescription[];
  readonly delivery: Delivery | 'effectively_once';
  readonly onError: OnError;
  readonly time?: Omit<TimeRules, 'timestamp'> & { readonly timestamp?: string };
  readonly batch?: { readonly records: number; readonly bytes: number };
  readonly concurrency?: number;
  readonly rateLimit?: number;
  readonly retry?: RetryPolicy;
}

export interface StepDescription {
  readonly id: string;
  readonly kind: string;
  readonly options: ShownValue;
  readonly when?: string;
  readonly onError?: OnError;
}

/** Describes a pipeline. `namespace` as in the settings, for the names of groups and internal topics. */
export function describePipeline(pipeline: Pipeline, namespace: string = DEFAULT_NAMESPACE): PipelineDescription {
  const { name, description, delivery, topics, sources, streams, sinks } = pipeline;
  const names = new Names(namespace);
  const group = (task: string): string => names.group(name, task);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    delivery,
    deadLetters: names.dead(name),
    topics: topics.map(describeTopic),
    nodes: [
      ...sources.map(describeSource),
      ...streams.map((stream) => ({
        ...describeStream(stream, pipeline, group(stream.name)),
        ...describeStages(stream, pipeline, names),
      })),
      ...sinks.map((sink) => describeSink(sink, group(sink.name))),
    ],
  };
}

function describeTopic({ schema, ...topic }: TopicNode): TopicDescription {
  return schema === undefined ? topic : { ...topic, schema: typeText(schema) };
}

/** Topics that steps route to. */
export function routedTopics(steps: readonly StepNode[]): string[] {
  return [...new Set(steps.flatMap(({ definition, options }) => definition.topics?.(options) ?? []))];
}

function describeSource(source: SourceNode): NodeDescription {
  const { connector, config, partitionBy, delivery } = source;
  return {
    kind: 'source',
    ...describeBase(source),
    connector: { type: connector.type, options: showOptions(connector.config, config) },
    from: [],
    to: outputs(source.to, source.steps),
    ...(partitionBy === undefined ? {} : { partitionBy: partitionBy.text }),
    delivery,
  };
}

function describeStream(stream: StreamNode, pipeline: Pipeline, group: string): NodeDescription {
  const { from, to, steps, delivery, time } = stream;
  return {
    kind: 'stream',
    ...describeBase(stream),
    group,
    from,
    to: outputs(to, steps),
    delivery,
    ...(time === undefined ? {} : { time: describeTime(timeRulesOf(stream, pipeline)) }),
  };
}

function describeSink(sink: SinkNode, group: string): NodeDescription {
  const { connector, config, from, batch, concurrency, rateLimit, retry } = sink;
  return {
    kind: 'sink',
    ...describeBase(sink),
    group,
    connector: { type: connector.type, options: showOptions(connector.config, config) },
    from,
    to: [],
    delivery: connector.delivery,
    batch,
    concurrency,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    retry,
  };
}

function describeBase({
  name,
  description,
  steps,
  onError,
}: SourceNode | StreamNode | SinkNode): Pick<NodeDescription, 'name' | 'description' | 'steps' | 'onError'> {
  return { name, ...(description === undefined ? {} : { description }), steps: steps.map(describeStep), onError };
}

function describeStep({ id, definition, options, when, onError }: StepNode): StepDescription {
  return {
    id,
    kind: definition.kind,
    options: showOptions(definition.options, options),
    ...(when === undefined ? {} : { when: when.text }),
    ...(onError === undefined ? {} : { onError }),
  };
}

function describeTime({ timestamp, ...rest }: TimeRules): NonNullable<NodeDescription['time']> {
  return { ...(timestamp === undefined ? {} : { timestamp: timestamp.join('.') }), ...rest };
}

function outputs(to: string | undefined, steps: readonly StepNode[]): string[] {
  return [...new Set([...(to === undefined ? [] : [to]), ...routedTopics(steps)])];
}
