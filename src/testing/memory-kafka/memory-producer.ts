import type { BatchConsumer, BatchProducer, ProducerOptions, TopicPartitionOffset } from '../../kafka/types.ts';
import type { RecordBatch } from '../../record/batch.ts';
import { type ClientCall, clientError } from './client-error.ts';
import { MemoryConsumer } from './memory-consumer.ts';
import type { MemoryIdentity, MemoryKafka } from './memory-kafka.ts';
import { recordAt } from './memory-log.ts';

/** A producer of the Kafka in memory: transactional with an id, plain without. */
export class MemoryProducer implements BatchProducer {
  readonly #kafka: MemoryKafka;
  readonly #id: string | undefined;
  #epoch = -1;
  #unusable: 'fatal' | 'abortable' | undefined;
  #spread = 0;
  connected = false;
  closed = false;

  constructor(kafka: MemoryKafka, options: ProducerOptions) {
    this.#kafka = kafka;
    this.#id = options.transactionalId;
  }

  get #identity(): MemoryIdentity {
    return this.#kafka.identity(this.#id ?? '');
  }

  async connect(): Promise<void> {
    await this.#call('connect', () => {
      this.connected = true;
    });
  }

  initTransactions(): Promise<void> {
    return this.#call('init', () => {
      const identity = this.#identity;
      identity.epoch += 1;
      this.#epoch = identity.epoch;
      this.#kafka.end(identity, 'aborted');
    });
  }

  beginTransaction(): Promise<void> {
    return this.#call('begin', () => {
      const identity = this.#own();
      if (identity.transaction !== undefined) throw new Error('a transaction is open already');
      identity.transaction = { state: 'open' };
    });
  }

  write(batch: RecordBatch): Promise<void> {
    return this.#call('write', () => {
      const transaction = this.#id === undefined ? undefined : this.#own().transaction;
      if (this.#id !== undefined && transaction === undefined) throw new Error('written outside a transaction');
      for (let row = 0; row < batch.length; row += 1) {
        const topic = batch.topic(row);
        const logs = this.#kafka.logs.get(topic);
        if (logs === undefined) throw new Error(`there is no topic ${topic}`);
        const partition = batch.partition(row) < 0 ? this.#partitionFor(batch.key(row), logs.length) : batch.partition(row);
        const log = logs[partition];
        if (log === undefined) throw new Error(`there is no ${topic}/${partition}`);
        log.append(recordAt(batch, row, this.#kafka.clock.now()), transaction);
        if (transaction !== undefined) this.#identity.partitions.add(`${topic}/${partition}`);
      }
      this.#kafka.wake();
    });
  }

  /** As librdkafka's partitioners do: one key, one partition; without a key, any. */
  #partitionFor(key: Buffer | null, count: number): number {
    this.#spread += 1;
    return key === null ? this.#spread % count : key.reduce((hash, byte) => (hash * 31 + byte) >>> 0, 7) % count;
  }

  /** As the brokers do, it does not check who owns the partitions. */
  sendOffsets(offsets: readonly TopicPartitionOffset[], consumer: BatchConsumer): Promise<void> {
    return this.#call('sendOffsets', () => {
      const identity = this.#own();
      if (!(consumer instanceof MemoryConsumer) || consumer.closed) throw new Error('the consumer is closed');
      const { transaction } = identity;
      if (transaction === undefined) throw new Error('no transaction is open');
      const group = consumer.group;
      identity.offsets.push({ group, at: [...offsets] });
      for (const { topic, partition } of offsets) {
        const key = `${topic}/${partition}`;
        const pending = group.pending.get(key) ?? new Set();
        group.pending.set(key, pending.add(transaction));
      }
    });
  }

  commitTransaction(): Promise<void> {
    return this.#call('commitTransaction', () => this.#kafka.end(this.#own(), 'committed'));
  }

  async abortTransaction(): Promise<void> {
    if (this.#unusable === 'abortable') this.#unusable = undefined;
    await this.#call('abortTransaction', () => {
      const identity = this.#own();
      if (identity.transaction === undefined) throw clientError('undone', 'aborting where no transaction is open');
      this.#kafka.end(identity, 'aborted');
    });
  }

  flush(): Promise<void> {
    return this.#call('flush', () => undefined);
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.#id !== undefined && this.#identity.epoch === this.#epoch) this.#kafka.expireLater(this.#identity);
  }

  /** The identity, while no other producer has taken it over. */
  #own(): MemoryIdentity {
    const identity = this.#identity;
    if (identity.epoch !== this.#epoch) {
      this.#unusable = 'fatal';
      throw clientError('fenced', `using ${this.#id}`);
    }
    return identity;
  }

  async #call(point: ClientCall, effect: () => void): Promise<void> {
    if (this.closed) throw clientError('fatal', `${point} on a closed producer`);
    if (this.#unusable !== undefined) throw clientError(this.#unusable, `${point} on a producer that has failed`);
    try {
      await this.#kafka.call(point, this.#id ?? '', () => {
        if (this.closed) throw clientError('fatal', `${point} while the producer closes`);
        effect();
      });
    } catch (error) {
      if (error instanceof Error && 'fatal' in error && error.fatal === true) this.#unusable = 'fatal';
      else if (error instanceof Error && 'requiresAbort' in error && error.requiresAbort === true) this.#unusable = 'abortable';
      throw error;
    }
  }
}
