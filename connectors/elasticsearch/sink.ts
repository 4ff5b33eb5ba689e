import type { estypes } from '@elastic/elasticsearch';
import { isMillraceError, type Outcomes, type RecordBatch, type Sink, type SinkBatch, type SinkContext } from 'millrace/sdk';
import { BodyPool } from './body-pool.ts';
import type { Answerer } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';
import { ConflictNotice } from './conflict-notice.ts';
import { type Call, Connection } from './connection.ts';
import { DocumentKeys } from './document-keys.ts';
import { type Encoder, encoderFor } from './encoder.ts';
import { type Failure, failureOf, tooLarge } from './failure.ts';
import { install } from './install.ts';
import type { BulkRequest } from './request.ts';
import { FILTER_PATH, readOutcomes } from './response.ts';
import { choosesByResult, ResultKeys } from './results.ts';

/** Request bodies kept for use again: as many as are usually in flight. */
const POOLED_BODIES = 4;

/** Delivers records as documents by `_bulk`. */
export class ElasticsearchSink implements Sink {
  readonly #config: ElasticsearchConfig;
  readonly #context: SinkContext;
  readonly #connection: Connection;
  readonly #encoder: Encoder;
  /** Where the user chooses the ids, for then documents change. */
  readonly #keys: DocumentKeys | undefined;
  readonly #resultKeys: ResultKeys | undefined;
  readonly #conflicts: ConflictNotice;
  readonly #bodies = new BodyPool(POOLED_BODIES);
  /** The name that all documents go to, in the address of the request; absent where each record gives its own. */
  readonly #name: string | undefined;
  /** Where documents go, for messages. */
  readonly #target: string;
  /** Keeps the server from making a plain index in place of a data stream. Off where the server is too old to know it. */
  #requireDataStream: boolean;

  /** `answerer`: takes the place of the servers, in tests of pipelines. */
  constructor(config: ElasticsearchConfig, context: SinkContext, answerer?: Answerer) {
    this.#config = config;
    this.#context = context;
    this.#connection = new Connection(config, answerer);
    this.#name = config.data_stream ?? constantText(config.index);
    this.#target = config.data_stream ?? config.index?.text ?? '';
    this.#encoder = encoderFor(config, context);
    this.#keys = config.id === undefined ? undefined : new DocumentKeys(config.id.evaluate, config.tombstones === 'delete');
    this.#resultKeys = choosesByResult(config) ? new ResultKeys() : undefined;
    this.#conflicts = new ConflictNotice(context);
    this.#requireDataStream = config.data_stream !== undefined;
  }

  /** Connects, signs in, so that a wrong address or password shows at once, and installs what is asked for. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#config.tls?.insecure_skip_verify) {
      this.#context.log.warn('tls.insecure_skip_verify is on: whoever sits between can read and change everything');
    }
    await this.#connection.open(signal);
    try {
      await this.#signIn(signal);
      if (!this.#context.probing) await install(this.#config, { connection: this.#connection, log: this.#context.log }, signal);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  orderKeys(records: RecordBatch): readonly (string | undefined)[] | undefined {
    return (this.#keys ?? this.#resultKeys)?.of(records);
  }

  async write(batch: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    const memory = this.#bodies.take(this.#encoder.bound(batch.records));
    const request = this.#encoder.encode(batch, memory);
    for (const { row, error } of request.rejected) outcomes.reject(row, error);
    const over = request.body.length > this.#config.max_body;
    if (over) {
      const size = `a body of ${request.body.length} bytes for ${request.count} document(s)`;
      outcomes.refuseAll(tooLarge(this.#target, `${size} is over max_body (${this.#config.max_body} bytes)`));
    }
    if (over || request.count === 0) this.#bodies.give(request.memory);
    else await this.#deliver(request, outcomes, signal);
  }

  /** Says what answers, for people. What the credentials may not ask for is left away. */
  async probe(signal: AbortSignal): Promise<string> {
    await this.#signIn(signal);
    const parts = ['answers'];
    const info = await this.#ask((client, options) => client.info({ filter_path: 'version.number' }, options), signal);
    if (info?.version?.number !== undefined) parts.push(`version ${info.version.number}`);
    const asked = { filter_path: 'cluster_name,status,number_of_nodes' };
    const health = await this.#ask((client, options) => client.cluster.health(asked, options), signal);
    if (health?.status !== undefined) {
      parts.push(`cluster ${health.cluster_name} is ${health.status.toLowerCase()}, nodes: ${health.number_of_nodes}`);
    }
    return parts.join(', ');
  }

  async close(): Promise<void> {
    this.#bodies.clear();
    await this.#connection.close();
  }

  async #deliver(request: BulkRequest, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.#send(request.body, signal);
    } catch (error) {
      // The body's memory is not used again: a request that was given up may still be reading it.
      const failure = this.#understand(error, signal);
      if ('thrown' in failure) throw failure.thrown;
      outcomes.refuseAll(failure.refusal);
      return;
    }
    this.#bodies.give(request.memory);
    const { nodes, pipeline } = this.#config;
    const choosesPipeline = pipeline !== undefined && pipeline.constant === undefined;
    const sent = { request, target: this.#target, node: nodes.join(', '), choosesPipeline };
    const thereAlready = readOutcomes(answer, sent, outcomes);
    if (this.#keys !== undefined) this.#conflicts.count(thereAlready);
  }

  /**
   * Sends a bulk request without a body. A server answers 400 to it once it has accepted the credentials, so it shows
   * all that `write` needs, and asks for no permission beyond it.
   */
  async #signIn(signal: AbortSignal): Promise<void> {
    try {
      await this.#send(Buffer.alloc(0), signal);
    } catch (error) {
      const failure = this.#understand(error, signal);
      if ('thrown' in failure) throw failure.thrown;
    }
  }

  #send(body: Buffer, signal: AbortSignal): Promise<unknown> {
    const { pipeline, routing } = this.#config;
    const parameters = {
      ...(this.#name !== undefined && { index: this.#name }),
      ...(pipeline?.constant && { pipeline: String(pipeline.constant.value) }),
      ...(routing?.constant && { routing: String(routing.constant.value) }),
      ...(this.#requireDataStream && { require_data_stream: true }),
      filter_path: FILTER_PATH,
      operations: asOperations(body),
    };
    return this.#connection.call((client, options) => client.bulk(parameters, options), signal);
  }

  /** What a failed request means. Throws where it was ended on purpose. */
  #understand(error: unknown, signal: AbortSignal): Failure {
    signal.throwIfAborted();
    if (isMillraceError(error)) return { thrown: error };
    const { nodes, request_timeout } = this.#config;
    const failure = failureOf(error, { nodes, target: this.#target, timeoutMs: request_timeout });
    if (
      this.#requireDataStream &&
      'thrown' in failure &&
      /unrecognized parameter.*require_data_stream/.test(failure.thrown.message)
    ) {
      this.#requireDataStream = false;
      const message =
        'this Elasticsearch cannot be asked to refuse a plain index in place of a data stream: see that a template matches';
      this.#context.log.warn(message, { data_stream: this.#target });
    }
    return failure;
  }

  /** Asks for something to show; `undefined` where the server does not say. */
  async #ask<T>(question: Call<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.#connection.call(question, signal);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}

/** The index's name where it is the same for all records. */
function constantText(index: ElasticsearchConfig['index']): string | undefined {
  return index?.constant === undefined ? undefined : String(index.constant.value);
}

/** The client passes a Buffer on as it is (`client.bulk` writes only arrays anew), but its types know arrays only. */
function asOperations(body: Buffer): NonNullable<estypes.BulkRequest['operations']> {
  const operations: unknown = body;
  return operations as NonNullable<estypes.BulkRequest['operations']>;
}
