import type { IAdminClient, KafkaConsumer, Metadata } from 'node-rdkafka';
import rdkafka from 'node-rdkafka';
import type { ClientContext } from './context.ts';
import { isEmbedded } from './embedded.ts';
import { attempted, Code, called, kafkaError, misuse } from './failures.ts';
import { InFlight, within } from './in-flight.ts';
import { connectClient, verifyNative } from './life.ts';
import { commonProperties, consumerProperties, consumerTopicProperties } from './properties.ts';
import type { ClusterDescription, KafkaAdmin, TopicPartition, TopicSpec } from './types.ts';
import { ClientWatch } from './watch.ts';

const METADATA_RETRY_MS = 50;
const CLOSE_TIMEOUT_MS = 10_000;
/** In a request to create a topic: as the broker is configured. */
const BROKER_DEFAULT = -1;

/**
 * Topics and offsets. Questions go through a consumer that reads uncommitted, because any other client is told the last stable
 * offset where the high watermark is asked for.
 */
export class RdkafkaAdmin implements KafkaAdmin {
  readonly #context: ClientContext;
  readonly #embedded: boolean;
  readonly #inFlight = new InFlight();
  #lookup: Promise<KafkaConsumer> | undefined;
  #changes: IAdminClient | undefined;
  #closing: Promise<void> | undefined;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#embedded = isEmbedded(context.connection.brokers);
  }

  async watermarks({ topic, partition }: TopicPartition, timeoutMs: number): Promise<{ low: number; high: number }> {
    const action = `asking for the offsets of ${topic}[${partition}]`;
    const client = await this.#client(action);
    const offsets = await this.#retried(action, timeoutMs, (leftMs) =>
      called<{ lowOffset: number; highOffset: number }>(action, (done) =>
        client.queryWatermarkOffsets(topic, partition, leftMs, done),
      ),
    );
    return { low: offsets.lowOffset, high: offsets.highOffset };
  }

  async describeCluster(timeoutMs: number): Promise<ClusterDescription> {
    const { brokers, topics } = await this.#metadata('describing the cluster', timeoutMs);
    return {
      brokers: brokers.map(({ id, host, port }) => ({ id, host, port })),
      topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.length })),
    };
  }

  async createTopics(topics: readonly TopicSpec[], timeoutMs: number): Promise<string[]> {
    if (topics.length === 0) return [];
    const created = new Set<string>();
    const action = `creating ${topics.map(({ name }) => name).join(', ')}`;
    await this.#everywhere(action, timeoutMs, async (known, leftMs) => {
      // Also later on: a topic of the same name that is still being deleted looks as if it were there.
      const missing = topics.filter(({ name }) => !known.has(name) && !created.has(name));
      await Promise.all(
        missing.map(async (topic) => {
          const made = this.#embedded ? this.#createByUse(topic, leftMs) : this.#createTopic(topic, leftMs);
          if (await made) created.add(topic.name);
        }),
      );
      return topics.every(({ name }) => known.get(name) === true);
    });
    return topics.map(({ name }) => name).filter((name) => created.has(name));
  }

  /** False where somebody else has just created it. */
  async #createTopic(topic: TopicSpec, timeoutMs: number): Promise<boolean> {
    const action = `creating the topic ${topic.name}`;
    const request = {
      topic: topic.name,
      num_partitions: topic.partitions,
      replication_factor: topic.replicationFactor ?? BROKER_DEFAULT,
      config: { ...topic.config },
    };
    try {
      await this.#change(action, timeoutMs, (admin, leftMs, done) => admin.createTopic(request, leftMs, done));
      return true;
    } catch (error) {
      if (kafkaError(action, error).code === Code.topicExists) return false;
      throw error;
    }
  }

  /** The embedded cluster can't be asked to create a topic: it makes one when somebody asks for its metadata. */
  async #createByUse({ name }: TopicSpec, timeoutMs: number): Promise<boolean> {
    const action = `creating the topic ${name}`;
    const producer = new rdkafka.Producer({ ...commonProperties(this.#context.connection) }, {});
    new ClientWatch(producer, 'admin', this.#context.log);
    await connectClient(producer, this.#context.connection);
    try {
      await called<Metadata>(action, (done) => producer.getMetadata({ topic: name, timeout: timeoutMs }, done));
    } finally {
      await new Promise<void>((resolve) => producer.disconnect(0, () => resolve()));
    }
    return true;
  }

  /**
   * Waits until `holds` is true of as many answers in a row as there are brokers, and one more: a question goes to any broker, and
   * each learns of a topic in its own time. `known` says of each topic whether all its partitions have leaders.
   */
  async #everywhere(
    action: string,
    timeoutMs: number,
    holds: (known: ReadonlyMap<string, boolean>, leftMs: number) => Promise<boolean>,
  ): Promise<void> {
    const { clock } = this.#context;
    const end = clock.monotonic() + timeoutMs;
    let inRow = 0;
    for (;;) {
      const { topics, brokers } = await this.#metadata(action, Math.max(1, end - clock.monotonic()));
      const known = new Map(
        topics.map(({ name, partitions }) => [name, partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)]),
      );
      inRow = (await holds(known, Math.max(1, end - clock.monotonic()))) ? inRow + 1 : 0;
      if (inRow > brokers.length) return;
      if (clock.monotonic() > end) throw kafkaError(action, Code.timedOut);
      if (inRow === 0) await clock.sleep(METADATA_RETRY_MS);
    }
  }

  async deleteTopics(names: readonly string[], timeoutMs: number): Promise<void> {
    if (names.length === 0) return;
    await Promise.all(
      names.map(async (name) => {
        const action = `deleting the topic ${name}`;
        try {
          await this.#change(action, timeoutMs, (admin, leftMs, done) => admin.deleteTopic(name, leftMs, done));
        } catch (error) {
          if (kafkaError(action, error).code !== Code.unknownTopicOrPartition) throw error;
        }
      }),
    );
    await this.#everywhere(`deleting ${names.join(', ')}`, timeoutMs, (known) =>
      Promise.resolve(names.every((name) => !known.has(name))),
    );
  }

  createPartitions(topic: string, total: number, timeoutMs: number): Promise<void> {
    return this.#change(`growing the topic ${topic} to ${total} partitions`, timeoutMs, (admin, leftMs, done) =>
      admin.createPartitions(topic, total, leftMs, done),
    );
  }

  async topicConfig(topic: string, timeoutMs: number): Promise<Record<string, string> | undefined> {
    const { native } = this.#context;
    if (native === undefined || this.#embedded) return undefined;
    const action = `asking for the configuration of ${topic}`;
    const client = await this.#client(action);
    return this.#inFlight.track(
      called<Record<string, string>>(action, (done) => native.topicConfig(client.getClient(), topic, timeoutMs, done)),
    );
  }

  async topicId(topic: string, timeoutMs: number): Promise<string | undefined> {
    const { native } = this.#context;
    if (native === undefined || this.#embedded) return undefined;
    const action = `asking for the id of ${topic}`;
    const client = await this.#client(action);
    return this.#inFlight.track(called<string>(action, (done) => native.topicId(client.getClient(), topic, timeoutMs, done)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#inFlight.settled();
    this.#changes?.disconnect();
    const client = await this.#lookup?.catch(() => undefined);
    if (client === undefined || !client.isConnected()) return;
    const gone = new Promise<void>((resolve) => client.disconnect(() => resolve()));
    await within(this.#context.clock, CLOSE_TIMEOUT_MS, 'closing the admin client', gone);
  }

  async #metadata(action: string, timeoutMs: number): Promise<Metadata> {
    const client = await this.#client(action);
    return this.#retried(action, timeoutMs, (leftMs) =>
      called<Metadata>(action, (done) => client.getMetadata({ allTopics: true, timeout: leftMs }, done)),
    );
  }

  /** Makes a change through node-rdkafka's admin client. */
  #change(
    action: string,
    timeoutMs: number,
    call: (admin: IAdminClient, leftMs: number, done: (error?: unknown) => void) => void,
  ): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(misuse(action, 'the admin client is closed'));
    if (this.#embedded) return Promise.reject(misuse(action, 'the embedded cluster cannot do this; start it anew instead'));
    this.#changes ??= attempted(action, () => rdkafka.AdminClient.create(commonProperties(this.#context.connection)));
    const admin = this.#changes;
    return this.#retried(action, timeoutMs, (leftMs) => called<void>(action, (done) => call(admin, leftMs, done)));
  }

  /** Asks again while the failure is one that passes, until the time is up. */
  async #retried<T>(action: string, timeoutMs: number, ask: (leftMs: number) => Promise<T>): Promise<T> {
    const { clock } = this.#context;
    const end = clock.monotonic() + timeoutMs;
    for (;;) {
      try {
        return await this.#inFlight.track(ask(Math.max(1, Math.ceil(end - clock.monotonic()))));
      } catch (error) {
        if (!kafkaError(action, error).retriable || clock.monotonic() + METADATA_RETRY_MS >= end || this.#closing !== undefined)
          throw error;
        await clock.sleep(METADATA_RETRY_MS);
      }
    }
  }

  /** The consumer for questions, connected by the first of them. */
  async #client(action: string): Promise<KafkaConsumer> {
    if (this.#closing !== undefined) throw misuse(action, 'the admin client is closed');
    this.#lookup ??= this.#inFlight.track(this.#connect()).catch((error: unknown) => {
      this.#lookup = undefined;
      throw error;
    });
    return this.#lookup;
  }

  async #connect(): Promise<KafkaConsumer> {
    const { connection, native, log } = this.#context;
    const properties = consumerProperties(connection, { isolation: 'read_uncommitted' });
    const client = attempted('setting up the admin client', () => new rdkafka.KafkaConsumer(properties, consumerTopicProperties));
    new ClientWatch(client, 'admin', log);
    await connectClient(client, connection);
    if (native !== undefined) verifyNative(native, client);
    return client;
  }
}
