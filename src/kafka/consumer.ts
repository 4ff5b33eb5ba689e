import type { KafkaConsumer } from 'node-rdkafka';
import rdkafka from 'node-rdkafka';
import type { ClientContext } from './context.ts';
import { attempted, Code, called, factsOf, kafkaError, misuse } from './failures.ts';
import { FallbackReader } from './fallback-reader.ts';
import { InFlight, within } from './in-flight.ts';
import { connectClient, verifyNative } from './life.ts';
import { NativeReader } from './native-reader.ts';
import { consumerProperties, consumerTopicProperties } from './properties.ts';
import type { BatchReader } from './reader.ts';
import { Rebalancing } from './rebalance.ts';
import type {
  BatchConsumer,
  ConsumerOptions,
  ReadLimits,
  ReadResult,
  RebalanceEvent,
  TopicPartition,
  TopicPartitionOffset,
} from './types.ts';
import { ClientWatch } from './watch.ts';

const COMMIT_TIMEOUT_MS = 30_000;
const SEEK_TIMEOUT_MS = 10_000;
/** One question for committed offsets; it is asked again until the caller's time is up. */
const COMMITTED_SLICE_MS = 5_000;
const RETRY_MS = 50;
/** Leaving the group takes a round trip to the coordinator; past this the client is given up. */
const CLOSE_TIMEOUT_MS = 30_000;

/** A consumer on node-rdkafka's client. */
export class RdkafkaConsumer implements BatchConsumer {
  readonly #context: ClientContext;
  readonly #options: ConsumerOptions;
  readonly #client: KafkaConsumer;
  readonly #watch: ClientWatch;
  readonly #rebalancing: Rebalancing;
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #reader: BatchReader | undefined;
  #connecting: Promise<void> | undefined;
  #reading = false;
  #pollExceeded = false;
  #closing: Promise<void> | undefined;

  constructor(context: ClientContext, options: ConsumerOptions) {
    this.#context = context;
    this.#options = options;
    this.#rebalancing = new Rebalancing({
      client: () => this.#client,
      reader: () => this.#reader,
      cooperative: (options.strategy ?? 'cooperative-sticky') === 'cooperative-sticky',
      log: context.log,
      lost: () => this.#assignmentLost(),
      handler: options.onRebalance,
    });
    const properties = {
      ...consumerProperties(context.connection, options),
      rebalance_cb: (error: unknown, partitions: TopicPartition[]) => this.#rebalancing.onCallback(error, partitions),
      ...(context.native === undefined ? { offset_commit_cb: true } : {}),
    };
    this.#client = attempted('setting up a consumer', () => new rdkafka.KafkaConsumer(properties, consumerTopicProperties));
    this.#watch = new ClientWatch(this.#client, options.groupId ?? context.connection.clientId, context.log, ({ code }) => {
      if (code === Code.maxPollExceeded) this.#pollExceeded = true;
    });
  }

  connect(): Promise<void> {
    this.#connecting ??= this.#inFlight.track(this.#connect());
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    const { native, connection, clock } = this.#context;
    try {
      await connectClient(this.#client, connection);
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
    if (native !== undefined) verifyNative(native, this.#client);
    this.#reader =
      native === undefined ? new FallbackReader(this.#client, clock) : new NativeReader(native, this.#client.getClient());
  }

  /** node-rdkafka's client while it may be used in a transaction; `use` keeps it open until then. */
  use<T>(action: string, call: (client: KafkaConsumer) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined || !this.#client.isConnected())
      return Promise.reject(misuse(action, 'the consumer is closed or not connected'));
    return this.#inFlight.track(call(this.#client));
  }

  subscribe(topics: readonly string[]): void {
    this.#ready('subscribing');
    attempted(`subscribing to ${topics.join(', ')}`, () => this.#client.subscribe([...topics]));
  }

  assign(partitions: readonly TopicPartitionOffset[]): void {
    const reader = this.#ready('assigning partitions');
    for (const partition of this.assigned()) {
      reader.discard(partition);
      reader.resume(partition);
    }
    attempted('assigning partitions', () => this.#client.assign([...partitions]));
  }

  completeRebalance(event: RebalanceEvent, at?: readonly TopicPartitionOffset[], paused = false): void {
    this.#rebalancing.complete(event, at, paused);
  }

  assigned(): readonly TopicPartition[] {
    this.#ready('asking for the assignment');
    return attempted('asking for the assignment', () => this.#client.assignments()).map(({ topic, partition }) => ({
      topic,
      partition,
    }));
  }

  async read(limits: ReadLimits): Promise<ReadResult> {
    const reader = this.#ready('reading');
    if (this.#reading) throw misuse('reading', 'another read is in flight');
    this.#reading = true;
    try {
      const result = await this.#inFlight.track(reader.read(limits));
      if (result.batch.length > 0) this.#watch.reached();
      for (const event of result.events) {
        if (event.kind === 'error' && event.error.code === Code.maxPollExceeded) this.#pollExceeded = true;
      }
      return result;
    } finally {
      this.#reading = false;
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    const reader = this.#ready('pausing');
    for (const partition of partitions) reader.pause(partition);
    if (partitions.length > 0) attempted('pausing partitions', () => this.#client.pause([...partitions]));
  }

  resume(partitions: readonly TopicPartition[]): void {
    const reader = this.#ready('resuming');
    for (const partition of partitions) reader.resume(partition);
    if (partitions.length > 0) attempted('resuming partitions', () => this.#client.resume([...partitions]));
  }

  async seek(partitions: readonly TopicPartitionOffset[]): Promise<void> {
    const reader = this.#ready('seeking');
    if (this.#reading) throw misuse('seeking', 'a read is in flight, whose records could be from before or after');
    for (const partition of partitions) {
      await this.#seekOne(partition);
      reader.discard(partition);
    }
  }

  /** Just after an assignment librdkafka answers with "erroneous state" until the partition's fetcher has started. */
  async #seekOne(to: TopicPartitionOffset): Promise<void> {
    const action = `seeking ${to.topic}[${to.partition}] to ${to.offset}`;
    const { clock } = this.#context;
    const end = clock.monotonic() + SEEK_TIMEOUT_MS;
    for (;;) {
      try {
        await this.use(action, (client) => called<void>(action, (done) => client.seek({ ...to }, SEEK_TIMEOUT_MS, done)));
        return;
      } catch (error) {
        const { code } = kafkaError(action, error);
        if (code !== Code.wrongState || this.#closing !== undefined || clock.monotonic() > end) throw error;
        await this.#wait(action, 10);
      }
    }
  }

  async committed(partitions: readonly TopicPartition[], timeoutMs: number): Promise<TopicPartitionOffset[]> {
    if (partitions.length === 0) return [];
    const action = `asking for the offsets that ${this.#options.groupId ?? 'the group'} has committed`;
    const { clock } = this.#context;
    const end = clock.monotonic() + timeoutMs;
    for (;;) {
      const left = Math.max(1, end - clock.monotonic());
      try {
        const answer = await this.use(action, (client) =>
          called<unknown[]>(action, (done) =>
            client.committed([...partitions], Math.ceil(Math.min(left, COMMITTED_SLICE_MS)), done),
          ),
        );
        return answer.map((entry, i) => committedOffset(action, entry, partitions[i] as TopicPartition));
      } catch (error) {
        if (!kafkaError(action, error).retriable || clock.monotonic() >= end) throw error;
        await this.#wait(action, RETRY_MS);
      }
    }
  }

  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const action = `committing offsets of ${this.#options.groupId ?? 'the group'}`;
    const { native } = this.#context;
    await this.use(action, (client) =>
      native === undefined
        ? this.#commitByCallback(action, client, offsets)
        : called<void>(action, (done) => native.commit(client.getClient(), offsets, COMMIT_TIMEOUT_MS, done)),
    );
  }

  /** node-rdkafka answers a commit only while somebody polls, so where no read is in flight, short ones of no records are made. */
  async #commitByCallback(action: string, client: KafkaConsumer, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const end = this.#context.clock.monotonic() + COMMIT_TIMEOUT_MS;
    let answered = false;
    const answer = called<void>(action, (done) => {
      client.once('offset.commit', (error) => {
        answered = true;
        done(error);
      });
      client.commit([...offsets]);
    });
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    while (!answered) {
      if (this.#context.clock.monotonic() > end) throw kafkaError(action, Code.timedOut);
      if (this.#reader instanceof FallbackReader && !this.#reading) await this.#reader.poll();
      await Promise.race([settled, this.#context.clock.sleep(10)]);
    }
    await answer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort(misuse('waiting', 'the consumer is closed'));
    this.#rebalancing.close();
    await this.#inFlight.settled();
    this.#reader?.close();
    if (!this.#client.isConnected()) return;
    this.#rebalancing.disconnecting();
    const gone = new Promise<void>((resolve) => this.#client.disconnect(() => resolve()));
    await within(this.#context.clock, CLOSE_TIMEOUT_MS, 'closing a consumer', gone);
  }

  #ready(action: string): BatchReader {
    if (this.#reader === undefined || this.#closing !== undefined)
      throw misuse(action, 'the consumer is closed or not connected');
    return this.#reader;
  }

  #wait(action: string, ms: number): Promise<void> {
    return this.#context.clock.sleep(ms, this.#stopping.signal).catch((error: unknown) => {
      throw kafkaError(action, error);
    });
  }

  /** The fallback knows of one reason only: that nobody polled for too long. */
  #assignmentLost(): boolean {
    const exceeded = this.#pollExceeded;
    this.#pollExceeded = false;
    return this.#context.native?.assignmentLost(this.#client.getClient()) ?? exceeded;
  }
}

/** An entry of node-rdkafka's answer: an Error where the partition has one, and no offset where none is committed. */
function committedOffset(action: string, entry: unknown, asked: TopicPartition): TopicPartitionOffset {
  if (entry instanceof Error) throw kafkaError(action, factsOf(entry));
  const { offset } = entry as { offset?: number };
  return { topic: asked.topic, partition: asked.partition, offset: offset === undefined || offset < 0 ? -1 : offset };
}
