import type { FieldPath } from '../record/path.ts';
import type { CompiledOption } from '../sdk/option.ts';
import type { SinkDefinition } from '../sdk/sink.ts';
import type { SourceDefinition } from '../sdk/source.ts';
import type { StepDefinition } from '../sdk/step.ts';
import type { RecordType } from '../sdk/types/index.ts';

/** A pipeline file, checked: nodes whose edges are topics. Everything that can be known without connecting is known. */
export interface Pipeline {
  readonly name: string;
  readonly description?: string;
  /** The absolute path of its file. */
  readonly file: string;
  readonly delivery: Delivery;
  /** Whether a field may be read only where something is known of it. */
  readonly strict?: boolean;
  readonly topics: readonly TopicNode[];
  readonly sources: readonly SourceNode[];
  readonly streams: readonly StreamNode[];
  readonly sinks: readonly SinkNode[];
  /** The code of its plugins; absent where it has none. */
  readonly code?: PluginCode;
}

export interface PluginCode {
  /** Another text where any of it is other code. */
  readonly version: string;
  /** Whether any step may run it: it defines functions for expressions, or formats. */
  readonly isEverywhere: boolean;
}

export type Delivery = 'exactly_once' | 'at_least_once';

/** How values are written in a topic. `text`: the value is one text; steps see it as `message`. */
export type Codec = 'json' | 'text';

export interface TopicNode {
  readonly name: string;
  /** Where a topic that exists has another count, the existing one holds and a warning says so. */
  readonly partitions: number;
  /** The brokers' default when absent. */
  readonly replication?: number;
  readonly retentionMs?: number;
  readonly cleanup: 'delete' | 'compact';
  /** Somebody else's: never created or changed. */
  readonly external: boolean;
  readonly codec: Codec;
  /** What it declares its values to be. */
  readonly schema?: RecordType;
  /** The fields that the keys of its records are made of. */
  readonly keyedBy?: readonly string[];
  /** More of Kafka's topic configuration. */
  readonly config: Readonly<Record<string, string>>;
}

/** What to do with a record that a step cannot process or a sink's destination rejects. */
export type OnError = 'dead_letter' | 'drop' | 'fail';

export interface StepNode {
  readonly id: string;
  readonly definition: StepDefinition;
  readonly options: unknown;
  /** The step is applied only to records for which this is true. */
  readonly when?: CompiledOption;
  readonly onError?: OnError;
}

interface NodeBase {
  readonly name: string;
  readonly description?: string;
  readonly steps: readonly StepNode[];
  readonly onError: OnError;
}

export interface SourceNode extends NodeBase {
  readonly kind: 'source';
  readonly connector: SourceDefinition;
  readonly config: unknown;
  readonly to: string;
  /** The record's Kafka key, and so its partition. */
  readonly partitionBy?: CompiledOption;
  readonly delivery: Delivery;
}

export interface StreamNode extends NodeBase {
  readonly kind: 'stream';
  readonly from: readonly string[];
  /** Absent where every record is routed. */
  readonly to?: string;
  readonly delivery: Delivery;
  /** How event time goes on; absent where the file says nothing of it. */
  readonly time?: StreamTime;
}

/** Event time of a stream (DESIGN.md, section 4). Times are in ms. */
export interface StreamTime {
  /** The field that holds the event time; absent: `@timestamp`, else Kafka's timestamp. */
  readonly timestamp?: FieldPath;
  /** How much later than a record with a later time a record may come without being late. */
  readonly waitMs: number;
  /** A record further in the future has no usable time. */
  readonly maxAheadMs: number;
  /** A partition that is caught up and this long quiet does not hold back the others. Absent: see `timeRulesOf`. */
  readonly idleTimeoutMs?: number;
  readonly whenIdle: 'advance' | 'hold';
}

export interface RetryPolicy {
  /** First wait in ms, doubled with jitter up to `maxMs`. It never gives up. */
  readonly initialMs: number;
  readonly maxMs: number;
}

export interface SinkNode extends NodeBase {
  readonly kind: 'sink';
  readonly from: readonly string[];
  readonly connector: SinkDefinition;
  readonly config: unknown;
  readonly batch: { readonly records: number; readonly bytes: number };
  readonly concurrency: number;
  /** Records per second and process; absent: as fast as it goes. */
  readonly rateLimit?: number;
  readonly retry: RetryPolicy;
}

export type TaskNode = SourceNode | StreamNode | SinkNode;
