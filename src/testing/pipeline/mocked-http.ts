import type { JsonValue } from '../../record/json.ts';

/** What a server answers to one request. */
export interface MockedReply {
  /** `GET http://geo.example/10.0.0.1`; without the method any. */
  readonly request: string;
  readonly status: number;
  readonly json?: JsonValue;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Takes the place of `fetch` while a pipeline runs, so that no server is asked. Replies to the same request come in their order, the
 * last one stays. A request that no reply is for fails, and is a problem of the test.
 */
export class MockedHttp {
  readonly #replies = new Map<string, MockedReply[]>();
  readonly #unknown = new Set<string>();
  #real: typeof globalThis.fetch | undefined;

  constructor(replies: readonly MockedReply[]) {
    for (const reply of replies) {
      const known = this.#replies.get(reply.request);
      if (known === undefined) this.#replies.set(reply.request, [reply]);
      else known.push(reply);
    }
  }

  get problems(): readonly string[] {
    return [...this.#unknown].map((request) => `no mock answers ${request}; add it to "mocks.http"`);
  }

  open(): void {
    this.#real ??= globalThis.fetch;
    globalThis.fetch = (input, init) => this.#answer(input, init);
  }

  close(): void {
    if (this.#real !== undefined) globalThis.fetch = this.#real;
    this.#real = undefined;
  }

  async #answer(input: Parameters<typeof fetch>[0], init: Parameters<typeof fetch>[1]): Promise<Response> {
    const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    const request = `${init?.method ?? 'GET'} ${url}`;
    const replies = this.#replies.get(request) ?? this.#replies.get(url);
    if (replies === undefined) {
      this.#unknown.add(request);
      throw new TypeError(`no mock answers ${request}`);
    }
    const { status, json, text, headers = {} } = (replies.length > 1 ? replies.shift() : replies[0]) as MockedReply;
    const body = json === undefined ? (text ?? null) : JSON.stringify(json);
    return new Response(body, {
      status,
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    });
  }
}
