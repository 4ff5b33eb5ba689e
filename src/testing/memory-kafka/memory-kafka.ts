import type {
  BatchConsumer,
  BatchProducer,
  ConsumerOptions,
  Kafka,
  KafkaAdmin,
  ProducerOptions,
  TopicPartition,
  TopicPartitionOffset,
} from '../../kafka/types.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { ClientCall } from './client-error.ts';
import { MemoryConsumer } from './memory-consumer.ts';
import { MemoryGroup } from './memory-group.ts';
import { type LogRecord, type LogTransaction, MemoryLog, recordAt } from './memory-log.ts';
import { MemoryProducer } from './memory-producer.ts';

/** How long a broker lets a transaction without a living producer be open. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/** What the broker knows of a transactional id. */
export interface MemoryIdentity {
  epoch: number;
  transaction: LogTransaction | undefined;
  /** Undoes or applies what else belongs to the open transaction (offsets). */
  readonly partitions: Set<string>;
  readonly offsets: { group: MemoryGroup; at: readonly TopicPartitionOffset[] }[];
}

/**
 * Kafka in memory: logs with transactions, and groups that rebalance, on a clock of the test's own. Its clients refuse what
 * librdkafka's misbehave at (two reads at once, a seek during a read), and spoil a batch's memory once it may be reused.
 */
export class MemoryKafka implements Kafka {
  readonly path = 'fallback';
  readonly clock: VirtualClock;
  readonly logs = new Map<string, MemoryLog[]>();
  readonly groups = new Map<string, MemoryGroup>();
  readonly identities = new Map<string, MemoryIdentity>();
  readonly consumers = new Set<MemoryConsumer>();
  readonly producers = new Set<MemoryProducer>();
  /** Ids by topic, where the client is to know them. */
  readonly topicIds: Map<string, string> | undefined;
  /** At most so many records a read, so that tests can cut micro-batches. */
  readRecords = Number.POSITIVE_INFINITY;
  /** A read that only waits for work waits at least so long, in ms: each turn of an idle task costs, and a long advance has many. */
  idleReadMs = 0;
  /** Raised to end the reads that wait. */
  turn = 0;
  #topicsMade = 0;
  readonly #waiting = new Set<() => void>();

  constructor(clock: VirtualClock, options: { topicIds?: boolean } = {}) {
    this.clock = clock;
    this.topicIds = options.topicIds === true ? new Map() : undefined;
  }

  createTopic(name: string, partitions = 1): void {
    if (this.logs.has(name)) return;
    this.logs.set(
      name,
      Array.from({ length: partitions }, () => new MemoryLog()),
    );
    this.#topicsMade += 1;
    this.topicIds?.set(name, `id-${this.#topicsMade}`);
  }

  deleteTopic(name: string): void {
    this.logs.delete(name);
    this.topicIds?.delete(name);
  }

  log({ topic, partition }: TopicPartition): MemoryLog {
    const log = this.logs.get(topic)?.[partition];
    if (log === undefined) throw new Error(`there is no ${topic}/${partition}`);
    return log;
  }

  /** Writes values as somebody without transactions would. */
  produce(
    at: TopicPartition,
    values: readonly (string | null)[],
    more: { key?: string | Uint8Array; headers?: Buffer } = {},
  ): void {
    const builder = new BatchBuilder([at.topic]);
    for (const value of values) {
      builder.begin(0, at.partition, -1);
      if (more.key !== undefined) builder.key(more.key);
      builder.value(value);
      if (more.headers !== undefined) builder.headers(more.headers);
    }
    const batch = builder.batch();
    for (let row = 0; row < batch.length; row += 1) this.log(at).append(recordAt(batch, row, this.clock.now()), undefined);
    this.wake();
  }

  /** Records of a topic as a reader who reads committed sees them, partition by partition. */
  committed(topic: string): (LogRecord & { offset: number; partition: number })[] {
    return (this.logs.get(topic) ?? []).flatMap((log, partition) => log.committed().map((record) => ({ ...record, partition })));
  }

  values(topic: string): string[] {
    return this.committed(topic).map(({ value }) => value?.toString('utf8') ?? '(null)');
  }

  group(id: string): MemoryGroup {
    let group = this.groups.get(id);
    if (group === undefined) {
      group = new MemoryGroup((topic) => this.logs.get(topic)?.length ?? 0);
      this.groups.set(id, group);
    }
    return group;
  }

  identity(id: string): MemoryIdentity {
    let identity = this.identities.get(id);
    if (identity === undefined) {
      identity = { epoch: 0, transaction: undefined, partitions: new Set(), offsets: [] };
      this.identities.set(id, identity);
    }
    return identity;
  }

  /** Ends a transaction for good, one way or the other. */
  end(identity: MemoryIdentity, state: 'committed' | 'aborted'): void {
    const { transaction, partitions, offsets } = identity;
    if (transaction === undefined) return;
    transaction.state = state;
    for (const key of partitions) {
      const at = key.lastIndexOf('/');
      this.log({ topic: key.slice(0, at), partition: Number(key.slice(at + 1)) }).append(undefined, transaction);
    }
    for (const { group, at } of offsets) {
      for (const one of at) group.pending.get(`${one.topic}/${one.partition}`)?.delete(transaction);
      if (state === 'committed') group.commit(at);
    }
    partitions.clear();
    offsets.length = 0;
    identity.transaction = undefined;
    this.wake();
  }

  /** What a producer that is gone has left open is ended by the broker in time. */
  expireLater(identity: MemoryIdentity): void {
    const { transaction } = identity;
    if (transaction === undefined) return;
    void this.clock.sleep(TRANSACTION_TIMEOUT_MS).then(() => {
      if (identity.transaction !== transaction) return;
      identity.epoch += 1;
      this.end(identity, 'aborted');
    });
  }

  /** Settles at the next change of anything, or in `ms`. */
  changedWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.#waiting.delete(settle);
        resolve();
      };
      const cancel = this.clock.after(ms, settle);
      this.#waiting.add(settle);
    });
  }

  wake(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Ends the reads that wait, so that every task looks at what else there is to do, at the time that it is. */
  endReads(): void {
    this.turn += 1;
    this.wake();
  }

  /** Whether any group has records to read, has read some and not committed them, or somebody's transaction is open. */
  get working(): boolean {
    for (const { transaction } of this.identities.values()) if (transaction !== undefined) return true;
    for (const consumer of this.consumers) if (consumer.behind.length > 0) return true;
    return false;
  }

  /** Whether a group has records that it has not committed. */
  isBehind(group: string): boolean {
    return [...this.consumers].some((consumer) => consumer.isOf(group) && consumer.behind.length > 0);
  }

  /** Runs one call of a client. `by`: the transactional id, or the group. Overridden where calls are to fail. */
  async call<T>(_point: ClientCall, _by: string, effect: () => T | Promise<T>): Promise<T> {
    return effect();
  }

  consumer(options: ConsumerOptions): BatchConsumer {
    const consumer = new MemoryConsumer(this, options);
    this.consumers.add(consumer);
    return consumer;
  }

  producer(options: ProducerOptions): BatchProducer {
    const producer = new MemoryProducer(this, options);
    this.producers.add(producer);
    return producer;
  }

  admin(): KafkaAdmin {
    const { topicIds } = this;
    return {
      describeCluster: () =>
        Promise.resolve({
          brokers: [{ id: 0, host: 'memory', port: 1 }],
          topics: [...this.logs].map(([name, logs]) => ({ name, partitions: logs.length })),
        }),
      createTopics: async (topics) => {
        const made = topics.filter(({ name }) => !this.logs.has(name));
        for (const { name, partitions } of made) this.createTopic(name, partitions);
        return made.map(({ name }) => name);
      },
      deleteTopics: async (names) => {
        for (const name of names) this.deleteTopic(name);
      },
      createPartitions: async (topic, count) => {
        const logs = this.logs.get(topic) ?? [];
        while (logs.length < count) logs.push(new MemoryLog());
      },
      topicConfig: () => Promise.resolve(undefined),
      watermarks: (at) => this.call('watermarks', at.topic, () => ({ low: 0, high: this.log(at).high })),
      ...(topicIds === undefined ? {} : { topicId: (topic: string) => Promise.resolve(topicIds.get(topic)) }),
      close: () => Promise.resolve(),
    };
  }
}
