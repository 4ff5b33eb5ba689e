import type { Kafka, OffsetLookup, TopicPartition } from '../kafka/types.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { PluginMetrics } from '../telemetry/plugin-metrics.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import type { Pipeline } from '../topology/types.ts';
import type { PassFaultPoint } from './fault-points.ts';
import type { FlowGate } from './flow-gate.ts';
import type { AlignmentLimits } from './stateful/alignment.ts';
import type { Turns } from './turns.ts';

/** One source, stream or sink at work in this process. */
export interface Task {
  readonly stats: ComponentStats;
  /** Before any task joins a group: ends what an earlier life left open in Kafka, so that nobody waits for it. */
  prepare(): Promise<void>;
  /** Works until the signal ends it (then it settles what it has taken) or its input has ended. */
  run(signal: AbortSignal): Promise<void>;
  /** Frees what it holds. Idempotent. */
  close(): Promise<void>;
  /** Where it stands in each input partition, for lag. */
  positions(): readonly (TopicPartition & { readonly offset: number })[];
}

/** What every task of a process shares. */
export interface TaskEnvironment {
  readonly pipeline: Pipeline;
  readonly settings: Settings;
  readonly names: Names;
  readonly kafka: Kafka;
  readonly lookup: OffsetLookup;
  /** Bounds how many partitions' state is read back at once: each is a client of its own, and holds a thread. */
  readonly restores: Turns;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly pass: PassFaultPoint;
  /** The numbers that plugins of the task keep; absent: nobody looks at them. */
  readonly metrics?: PluginMetrics;
  readonly place: { readonly instance: string; readonly slot: number };
  /** The incarnation of a topic; see incarnations.ts. */
  readonly incarnationOf: (topic: string) => string;
  /** How often a stream has been reset: results of a new life replace those of the old. */
  readonly generationOf: (stream: string) => number;
  readonly partitionsOf: (topic: string) => number;
  /** Whether the broker gives the topic's records the time of their arrival, whatever time they are sent with. */
  readonly stampedByBroker: (topic: string) => boolean;
  /** Bounds what is in flight where the broker cannot hold it (embedded). */
  readonly gate: FlowGate;
  /** How far inputs that are read together may be apart; absent: see alignment.ts. */
  readonly alignment?: AlignmentLimits;
  /** Present in `--once`: settles when all writers of the topics have finished. */
  readonly inputEnded?: (topics: readonly string[]) => Promise<void>;
}
