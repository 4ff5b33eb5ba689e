import type { RecordBatch } from '../record/batch.ts';

/**
 * The Kafka layer as the rest of Millrace sees it: promises, whole batches and typed errors. Every rejection is a
 * {@link KafkaError}.
 */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** Offsets with a meaning of their own. */
export const Offset = {
  /** Behind the last record. Not where to park a partition: see GroupIntake. */
  end: -1,
  beginning: -2,
} as const;

/** Where and how to connect: validated settings. `options` are librdkafka's, from an allow-list. */
export interface KafkaConnection {
  /** `host:port`, comma-separated. */
  readonly brokers: string;
  readonly clientId: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** The group asks for a change of partitions. Its receiver must answer each with `completeRebalance`, also while closing. */
export interface RebalanceEvent {
  readonly kind: 'assign' | 'revoke';
  /** Under cooperative-sticky what is added or taken; otherwise everything. May be empty. */
  readonly partitions: readonly TopicPartition[];
  /** On a revoke: the group has already given the partitions away (the session had expired), so commits will fail. */
  readonly lost: boolean;
}

/** Something other than a record that a read met. */
export type ReadEvent =
  /** The end of a partition: `offset` counts control and aborted records too. It comes once per end offset. */
  | { readonly kind: 'end'; readonly topic: string; readonly partition: number; readonly offset: number }
  | {
      readonly kind: 'error';
      readonly error: KafkaErrorFacts;
      readonly topic?: string;
      readonly partition?: number;
      readonly offset?: number;
    };

export interface KafkaErrorFacts {
  /** librdkafka's number (negative: local) or the broker's. */
  readonly code: number;
  readonly message: string;
  readonly retriable: boolean;
  readonly fatal: boolean;
  readonly requiresAbort: boolean;
}

export interface ReadResult {
  /** Valid until the next `read` of this consumer but one: two arenas take turns. */
  readonly batch: RecordBatch;
  readonly events: readonly ReadEvent[];
}

export interface ReadLimits {
  readonly maxRecords: number;
  /** At least one record is always returned, however large. */
  readonly maxBytes: number;
  /** How long to wait for the first record, in ms. The rest are what is there already. */
  readonly timeoutMs: number;
}

export interface ConsumerOptions {
  /** Without a group it can only be assigned by hand. */
  readonly groupId?: string;
  readonly strategy?: 'cooperative-sticky' | 'range';
  /** `read_committed` is the default. */
  readonly isolation?: 'read_committed' | 'read_uncommitted';
  readonly sessionTimeoutMs?: number;
  readonly maxPollIntervalMs?: number;
  /** librdkafka's fetch queue of this consumer, in bytes; default 8 MB. */
  readonly queueBytes?: number;
  readonly onRebalance?: (event: RebalanceEvent) => void;
}

export interface BatchConsumer {
  connect(): Promise<void>;
  subscribe(topics: readonly string[]): void;
  /** Assigns by hand (no group), replacing what was assigned. */
  assign(partitions: readonly TopicPartitionOffset[]): void;
  /**
   * Answers a rebalance event. On an assign, takes `at` (one entry for each partition of the event) as the starting offsets and, when `paused`, pauses
   * them in the same turn so that no record gets through. On a revoke gives the partitions up.
   */
  completeRebalance(event: RebalanceEvent, at?: readonly TopicPartitionOffset[], paused?: boolean): void;
  /** What is assigned now. */
  assigned(): readonly TopicPartition[];
  /** One at a time. It also serves the group: it must be called at least every `maxPollIntervalMs`, paused or not. */
  read(limits: ReadLimits): Promise<ReadResult>;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Not while a read is in flight. Also drops what the layer itself holds back of the partitions. */
  seek(partitions: readonly TopicPartitionOffset[]): Promise<void>;
  /** The group's committed offsets; -1 where there is none. Waits while another member's transaction is open on them (-185), up to the time given. */
  committed(partitions: readonly TopicPartition[], timeoutMs: number): Promise<TopicPartitionOffset[]>;
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>;
  /** Leaves the group and frees the client. Only after the last transaction that names this consumer has ended. Idempotent. */
  close(): Promise<void>;
}

export interface ProducerOptions {
  /** With it the producer is transactional; without it it is idempotent only. */
  readonly transactionalId?: string;
  readonly transactionTimeoutMs?: number;
  /** librdkafka's queue, in KiB and messages. */
  readonly queueKbytes?: number;
  readonly queueMessages?: number;
  readonly lingerMs?: number;
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
}

export interface BatchProducer {
  connect(): Promise<void>;
  /** Fences older producers of the same id and ends what they left open. */
  initTransactions(timeoutMs: number): Promise<void>;
  beginTransaction(): Promise<void>;
  sendOffsets(offsets: readonly TopicPartitionOffset[], consumer: BatchConsumer, timeoutMs: number): Promise<void>;
  commitTransaction(timeoutMs: number): Promise<void>;
  abortTransaction(timeoutMs: number): Promise<void>;
  /**
   * Queues the whole batch, waiting while the queue is full. The client may point into the batch's memory: it must stay as
   * it is until `commitTransaction` or `flush` has succeeded, or `close` has settled.
   */
  write(batch: RecordBatch, signal?: AbortSignal): Promise<void>;
  /**
   * Waits until all that was written is acknowledged by Kafka. Rejects when a delivery failed since the last flush or time runs
   * out: then it is unknown which records arrived.
   */
  flush(timeoutMs: number): Promise<void>;
  /** Destroys the client; purges its queue. Idempotent. */
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Brokers' default when absent. */
  readonly replicationFactor?: number;
  readonly config: Readonly<Record<string, string>>;
}

/** The look at offsets that sees open transactions too: one per process, `read_uncommitted`. */
export interface OffsetLookup {
  watermarks(partition: TopicPartition, timeoutMs: number): Promise<{ low: number; high: number }>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
}

export interface ClusterDescription {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly topics: readonly TopicDescription[];
}

export interface KafkaAdmin extends OffsetLookup {
  /** Brokers and topics, fresh. */
  describeCluster(timeoutMs: number): Promise<ClusterDescription>;
  /** Creates what is not there yet and waits until every broker's metadata shows it. Returns the names that were new. */
  createTopics(topics: readonly TopicSpec[], timeoutMs: number): Promise<string[]>;
  deleteTopics(names: readonly string[], timeoutMs: number): Promise<void>;
  createPartitions(topic: string, total: number, timeoutMs: number): Promise<void>;
  /** A topic's configuration, or undefined where this client cannot ask (the fallback path). */
  topicConfig(topic: string, timeoutMs: number): Promise<Record<string, string> | undefined>;
  /** The id that Kafka gave the topic when it was created (KIP-516), which a later one of the same name does not share; undefined where this client cannot ask. */
  topicId?(topic: string, timeoutMs: number): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Makes clients of one cluster. `path` says whether batches cross natively. */
export interface Kafka {
  readonly path: 'native' | 'fallback';
  /** Why the native path is not in use, where it is not. */
  readonly fallbackReason?: string;
  consumer(options: ConsumerOptions): BatchConsumer;
  producer(options: ProducerOptions): BatchProducer;
  admin(): KafkaAdmin;
}
