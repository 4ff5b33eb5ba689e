import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Producer } from 'node-rdkafka';
import rdkafka from 'node-rdkafka';
import type { RecordBatch } from '../record/batch.ts';
import { RdkafkaConsumer } from './consumer.ts';
import type { ClientContext } from './context.ts';
import { KafkaError } from './error.ts';
import { attempted, Code, called, factsOf, kafkaError, misuse } from './failures.ts';
import { InFlight, within } from './in-flight.ts';
import { connectClient, verifyNative } from './life.ts';
import { producerProperties, producerTopicProperties } from './properties.ts';
import type { BatchConsumer, BatchProducer, KafkaErrorFacts, ProducerOptions, TopicPartitionOffset } from './types.ts';
import { ClientWatch } from './watch.ts';
import { type BatchWriter, FallbackWriter, NativeWriter } from './writer.ts';

/** How often librdkafka's events are fetched. Errors only come that way, so it need not be often. */
const POLL_MS = 100;
/** How long a write waits before it looks at a full queue again. */
const QUEUE_WAIT_MS = 2;
const RETRY_MS = 20;
const CLOSE_TIMEOUT_MS = 30_000;

/** A producer on node-rdkafka's client. */
export class RdkafkaProducer implements BatchProducer {
  readonly #context: ClientContext;
  readonly #name: string;
  readonly #client: Producer;
  /** Whether failed deliveries are reported one by one. */
  readonly #reports: boolean;
  readonly #watch: ClientWatch;
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #writer: BatchWriter | undefined;
  #connecting: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failed: KafkaErrorFacts | undefined;
  #failures = 0;
  #closing: Promise<void> | undefined;

  constructor(context: ClientContext, options: ProducerOptions) {
    this.#context = context;
    this.#name = options.transactionalId ?? context.connection.clientId;
    this.#reports = options.transactionalId === undefined;
    const properties = {
      ...producerProperties(context.connection, options),
      // In a transaction a failed delivery fails the commit, so nobody needs to be told twice.
      ...(this.#reports ? { dr_cb: (error: unknown) => this.#onReport(error) } : {}),
    };
    this.#client = attempted('setting up a producer', () => new rdkafka.Producer(properties, producerTopicProperties(options)));
    this.#watch = new ClientWatch(this.#client, this.#name, context.log);
  }

  connect(): Promise<void> {
    this.#connecting ??= this.#inFlight.track(this.#connect());
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    const { native, connection, log } = this.#context;
    try {
      await connectClient(this.#client, connection);
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
    if (native !== undefined) verifyNative(native, this.#client);
    this.#writer =
      native === undefined ? new FallbackWriter(this.#client, log) : new NativeWriter(native, this.#client.getClient());
    this.#client.setPollInterval(POLL_MS);
  }

  #onReport(error: unknown): void {
    if (!error) return;
    this.#failures += 1;
    this.#failed ??= factsOf(error);
  }

  initTransactions(timeoutMs: number): Promise<void> {
    return this.#transact(`initialising transactions of ${this.#name}`, timeoutMs, (left, done) =>
      this.#client.initTransactions(left, done),
    );
  }

  beginTransaction(): Promise<void> {
    return this.#transact(`beginning a transaction of ${this.#name}`, 0, (_left, done) => this.#client.beginTransaction(done));
  }

  sendOffsets(offsets: readonly TopicPartitionOffset[], consumer: BatchConsumer, timeoutMs: number): Promise<void> {
    const action = `adding offsets to the transaction of ${this.#name}`;
    if (!(consumer instanceof RdkafkaConsumer)) return Promise.reject(misuse(action, 'the consumer is of another Kafka layer'));
    // node-rdkafka follows a null pointer when the consumer is closed, so the consumer stays open until this is done.
    return consumer.use(action, (client) =>
      this.#transact(action, timeoutMs, (left, done) => this.#client.sendOffsetsToTransaction([...offsets], client, left, done)),
    );
  }

  async commitTransaction(timeoutMs: number): Promise<void> {
    await this.#transact(`committing the transaction of ${this.#name}`, timeoutMs, (left, done) =>
      this.#client.commitTransaction(left, done),
    );
    this.#writer?.delivered();
    this.#watch.reached();
  }

  abortTransaction(timeoutMs: number): Promise<void> {
    return this.#transact(`aborting the transaction of ${this.#name}`, timeoutMs, (left, done) =>
      this.#client.abortTransaction(left, done),
    );
  }

  /** Makes a call of the transaction API, again while it fails with an error that passes, until the time is up. */
  async #transact(
    action: string,
    timeoutMs: number,
    call: (leftMs: number, done: (error: unknown) => void) => void,
  ): Promise<void> {
    const { clock } = this.#context;
    const end = clock.monotonic() + timeoutMs;
    for (;;) {
      this.#ready(action);
      const left = Math.max(1, Math.ceil(end - clock.monotonic()));
      try {
        await this.#inFlight.track(called<void>(action, (done) => call(left, done)));
        return;
      } catch (error) {
        const { retriable, fatal, requiresAbort } = kafkaError(action, error);
        if (!retriable || fatal || requiresAbort || clock.monotonic() + RETRY_MS >= end) throw error;
        await this.#wait(action, RETRY_MS);
      }
    }
  }

  write(batch: RecordBatch, signal?: AbortSignal): Promise<void> {
    // One after the other: the order of the calls is the order of the records.
    const mine = this.#writing.then(() => this.#write(batch, signal));
    this.#writing = mine.catch(() => undefined);
    return this.#inFlight.track(mine);
  }

  async #write(batch: RecordBatch, signal: AbortSignal | undefined): Promise<void> {
    let next = 0;
    while (next < batch.length) {
      signal?.throwIfAborted();
      const written = await this.#ready('writing').write(batch, next);
      next = written.next;
      if (written.code === Code.none) continue;
      const action = `writing to ${batch.topic(next)}`;
      if (written.code !== Code.queueFull) throw kafkaError(action, written.code);
      this.#client.poll();
      await this.#wait(action, QUEUE_WAIT_MS, signal);
    }
  }

  async flush(timeoutMs: number): Promise<void> {
    const action = `waiting until Kafka has all records of ${this.#name}`;
    this.#ready(action);
    await this.#writing;
    await this.#inFlight.track(called<void>(action, (done) => this.#client.flush(timeoutMs, done))).catch((error: unknown) => {
      this.#takeFailure();
      throw error;
    });
    if (this.#reports) await this.#reportsDelivered();
    const failed = this.#takeFailure();
    if (failed !== undefined) {
      const records = failed.count === 1 ? '1 record' : `${failed.count} records`;
      throw new KafkaError(action, {
        ...failed.facts,
        message: `${records} not delivered, the first because of: ${failed.facts.message}`,
      });
    }
    this.#writer?.delivered();
    this.#watch.reached();
  }

  /** node-rdkafka passes failures on in later turns of the event loop, at most 100 in each. */
  async #reportsDelivered(): Promise<void> {
    let seen: number;
    do {
      seen = this.#failures;
      await nextTurn();
    } while (this.#failures !== seen);
  }

  #takeFailure(): { facts: KafkaErrorFacts; count: number } | undefined {
    const failed = this.#failed && { facts: this.#failed, count: this.#failures };
    this.#failed = undefined;
    this.#failures = 0;
    return failed;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort(misuse('waiting', 'the producer is closed'));
    await this.#inFlight.settled();
    this.#writer?.close();
    if (!this.#client.isConnected()) return;
    const gone = new Promise<void>((resolve) => this.#client.disconnect(0, () => resolve()));
    await within(this.#context.clock, CLOSE_TIMEOUT_MS, 'closing a producer', gone);
  }

  #ready(action: string): BatchWriter {
    if (this.#writer === undefined || this.#closing !== undefined)
      throw misuse(action, 'the producer is closed or not connected');
    return this.#writer;
  }

  async #wait(action: string, ms: number, signal?: AbortSignal): Promise<void> {
    const either = signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
    await this.#context.clock.sleep(ms, either).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw kafkaError(action, error);
    });
  }
}
