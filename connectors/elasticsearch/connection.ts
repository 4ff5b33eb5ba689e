import type { Client, TransportRequestOptions } from '@elastic/elasticsearch';
import { MillraceError } from 'millrace/sdk';
import { type Answerer, createClient } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';

/** One call of the client, with the options that bound it. */
export type Call<T> = (client: Client, options: TransportRequestOptions) => Promise<T>;

/** The client between `open` and `close`, and the end of what it has in flight. */
export class Connection {
  readonly #config: ElasticsearchConfig;
  readonly #answerer: Answerer | undefined;
  #client: Client | undefined;
  #closing = new AbortController();

  /** `answerer`: takes the place of the servers, in tests of pipelines. */
  constructor(config: ElasticsearchConfig, answerer?: Answerer) {
    this.#config = config;
    this.#answerer = answerer;
  }

  /** Makes a client; sends nothing yet. */
  async open(signal: AbortSignal): Promise<void> {
    const closed = this.close();
    // Before anything is awaited, so that a `close` from now on ends this opening.
    const closing = new AbortController();
    this.#closing = closing;
    await closed;
    const client = await createClient(this.#config, signal, this.#answerer);
    if (closing.signal.aborted) {
      await client.close();
      throw this.#notOpen();
    }
    this.#client = client;
  }

  /** Makes a call that ends with the signal or with `close`, whichever comes first; the signal's reason is thrown then. */
  async call<T>(request: Call<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const client = this.#client;
    if (client === undefined) throw this.#notOpen();
    const closing = this.#closing.signal;
    // Not AbortSignal.any: on Node 20 it keeps a reference for every call as long as the task's signal lives.
    const ended = new AbortController();
    const end = (): void => ended.abort();
    signal.addEventListener('abort', end, { once: true });
    closing.addEventListener('abort', end, { once: true });
    try {
      return await request(client, { signal: ended.signal, openTelemetry: { enabled: false } });
    } catch (error) {
      signal.throwIfAborted();
      throw closing.aborted ? this.#notOpen() : error;
    } finally {
      signal.removeEventListener('abort', end);
      closing.removeEventListener('abort', end);
    }
  }

  /** Ends what is in flight and lets go of the sockets. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#closing.abort();
    await client?.close();
  }

  #notOpen(): MillraceError {
    return new MillraceError('ES_UNREACHABLE', { node: this.#config.nodes.join(', '), reason: 'the sink is closed' });
  }
}
