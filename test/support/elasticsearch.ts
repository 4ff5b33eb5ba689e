/** A document as Elasticsearch has it. */
export interface FoundDocument {
  readonly _index: string;
  readonly _id: string;
  readonly _source: Readonly<Record<string, unknown>>;
}

const PAGE = 5_000;

interface SearchAnswer {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly FoundDocument[] };
}

/** All documents of an index, a data stream or a pattern, by plain requests and without the client that the sink uses. */
export async function* allDocuments(url: string, index: string): AsyncGenerator<FoundDocument, void, undefined> {
  await refresh(url, index);
  let page = await call<SearchAnswer>(url, 'POST', `/${index}/_search?scroll=2m`, { size: PAGE, sort: ['_doc'] });
  try {
    while (page.hits.hits.length > 0) {
      yield* page.hits.hits;
      page = await call<SearchAnswer>(url, 'POST', '/_search/scroll', { scroll: '2m', scroll_id: page._scroll_id });
    }
  } finally {
    await call(url, 'DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
  }
}

export async function countDocuments(url: string, index: string): Promise<number> {
  await refresh(url, index);
  return (await call<{ count: number }>(url, 'GET', `/${index}/_count`)).count;
}

/** Makes all that was written visible to searches. */
export async function refresh(url: string, index: string): Promise<void> {
  await call(url, 'POST', `/${index}/_refresh`);
}

export async function deleteIndex(url: string, index: string): Promise<void> {
  await call(url, 'DELETE', `/${index}?ignore_unavailable=true`);
}

/** One request to Elasticsearch's API; an answer that is not a success is an error with the answer in it. */
export async function call<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url + path, { method, ...json });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: status ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
