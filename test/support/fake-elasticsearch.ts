import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request that the fake server got, its body unpacked. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one bulk request. */
export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A server on loopback that answers `_bulk` as a test says, and keeps what it was sent. */
export class FakeElasticsearch {
  readonly bulks: SeenRequest[] = [];
  readonly others: SeenRequest[] = [];
  /** Answers to coming bulk requests, in order; the last one stays. */
  answers: Answer[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #waiting: { count: number; settle: () => void }[] = [];

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Settles once `count` bulk requests with documents have come in. */
  received(count: number): Promise<void> {
    return new Promise((settle) => {
      this.#waiting.push({ count, settle });
      this.#wake();
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', this.url),
      headers: request.headers,
      body: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8'),
    };
    if (!seen.url.pathname.endsWith('/_bulk')) {
      this.others.push(seen);
      (this.onOther ?? notAllowed)(seen, response);
      return;
    }
    if (seen.body === '') {
      this.others.push(seen);
      (this.onSignIn ?? emptyBody)(seen, response);
      return;
    }
    this.bulks.push(seen);
    this.#wake();
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    (answer ?? allCreated)(seen, response);
  }

  /** Answers bulk requests without a body, by default as Elasticsearch does. */
  onSignIn: Answer | undefined;
  /** Answers requests to other addresses than `_bulk`, which are refused by default. */
  onOther: Answer | undefined;

  #wake(): void {
    const ready = this.#waiting.filter(({ count }) => this.bulks.length >= count);
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { settle } of ready) settle();
  }
}

/** Answers with a JSON body, as Elasticsearch. */
export function json(status: number, body: unknown): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(JSON.stringify(body));
  };
}

const notAllowed: Answer = json(405, { error: 'Incorrect HTTP method', status: 405 });

const emptyBody: Answer = json(400, {
  error: { type: 'parse_exception', reason: 'request body is required' },
  status: 400,
});

/** One action of a bulk request with its document. */
export interface SeenAction {
  readonly operation: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly source: string | undefined;
}

/** The actions that a bulk request holds, read as Elasticsearch reads them. */
export function actionsOf({ body }: SeenRequest): SeenAction[] {
  const lines = body.split('\n').slice(0, -1);
  const actions: SeenAction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [[operation, meta] = ['', {}]] = Object.entries(JSON.parse(lines[at] as string) as Record<string, SeenAction['meta']>);
    if (operation !== 'delete') at += 1;
    actions.push({ operation, meta, source: operation === 'delete' ? undefined : lines[at] });
  }
  return actions;
}

/** How many documents a bulk request holds. */
export function countOf(request: SeenRequest): number {
  return actionsOf(request).length;
}

/** Answers that all documents were taken. */
export const allCreated: Answer = (request, response) => {
  const items = actionsOf(request).map(({ operation }) => ({ [operation]: { status: operation === 'create' ? 201 : 200 } }));
  json(200, { errors: false, items })(request, response);
};

/** Answers with one item a status; an error object of `type` goes with those that say failure. */
export function statuses(list: readonly number[], error: unknown = { type: 'some_exception', reason: 'some reason' }): Answer {
  const items = list.map((status) => ({ create: status < 300 ? { status } : { status, error } }));
  return json(200, { errors: list.some((status) => status >= 300), items });
}
