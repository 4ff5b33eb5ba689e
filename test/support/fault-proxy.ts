import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Whether a delayed answer is on its way: the next may not overtake it. */
  holding: boolean;
}

/**
 * A TCP proxy before one server that does to its connections what networks do. Faults hold until {@link heal}: for Kafka the broker
 * must advertise the proxy's port, for HTTP any client can be pointed at it.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  #delayMs = 0;
  #paused = false;
  #refusing = false;
  #losingAnswers = false;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Starts listening and gives back the port. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing passes in either direction; connections stay open. */
  pause(): void {
    this.#paused = true;
    for (const { client, upstream } of this.#pairs) {
      client.pause();
      upstream.pause();
    }
  }

  /** Requests reach the server, their answers are thrown away: the server has done what the client cannot know. */
  loseAnswers(): void {
    this.#losingAnswers = true;
  }

  /** Answers come this many ms later. */
  delayAnswers(ms: number): void {
    this.#delayMs = ms;
  }

  /** Closes all connections with a reset. */
  cut(): void {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  /** Resets all connections and every new one: the server seems to be away. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Everything passes again. Connections whose answers were thrown away are reset, since they can only go wrong. */
  heal(): void {
    const broken = this.#losingAnswers;
    this.#delayMs = 0;
    this.#paused = this.#refusing = this.#losingAnswers = false;
    if (broken) this.cut();
    for (const { client, upstream, holding } of this.#pairs) {
      client.resume();
      if (!holding) upstream.resume();
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.#target);
    const pair: Pair = { client, upstream, holding: false };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.once('close', end);
      // The other side learns of it by "close", which follows.
      socket.on('error', () => {});
    }
    client.on('data', (chunk) => this.#forward(client, upstream, chunk));
    upstream.on('data', (chunk) => this.#answer(pair, chunk));
    if (this.#paused) this.pause();
  }

  #answer(pair: Pair, chunk: Buffer): void {
    const { client, upstream } = pair;
    if (this.#losingAnswers) return;
    if (this.#delayMs === 0) {
      this.#forward(upstream, client, chunk);
      return;
    }
    // One chunk at a time keeps their order, and bounds what is held back.
    pair.holding = true;
    upstream.pause();
    setTimeout(() => {
      pair.holding = false;
      if (!this.#paused) upstream.resume();
      this.#forward(upstream, client, chunk);
    }, this.#delayMs);
  }

  /** Passes a chunk on, no faster than the receiver takes it. */
  #forward(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (!this.#paused) from.resume();
    });
  }
}
