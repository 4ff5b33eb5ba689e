import type { JsonObject } from '../../record/json.ts';

/** A request line's parts: `undefined` where the text is no HTTP request. */
export interface RequestLine {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly version: string | undefined;
}

const REQUEST = /^([A-Za-z_-]{1,40}) (.+?)(?: HTTP\/(\d{1,2}(?:\.\d{1,2})?))?$/s;
const NONE: RequestLine = { method: undefined, url: undefined, version: undefined };

/** Splits `GET /a?b HTTP/1.1`; the version may be missing (HTTP/0.9). */
export function splitRequest(text: string): RequestLine {
  const match = REQUEST.exec(text);
  return match === null || match[1] === '-' ? NONE : { method: match[1], url: match[2], version: match[3] };
}

const ABSOLUTE = /^([a-z][a-z0-9+.-]{0,20}):\/\/(\[[^\]/]*\]|[^/:?#]*)(?::(\d{1,5}))?([^?#]*)(?:\?([^#]*))?/i;

/** The ECS fields of an URL as it was requested: a whole URL, or a path with its query. */
export function urlFields(original: string): JsonObject {
  const match = ABSOLUTE.exec(original);
  if (match !== null) {
    return {
      original,
      scheme: match[1],
      domain: match[2] === '' ? undefined : match[2],
      port: match[3] === undefined ? undefined : Number(match[3]),
      path: match[4] === '' ? undefined : match[4],
      query: match[5],
    };
  }
  if (!original.startsWith('/')) return { original };
  const mark = original.indexOf('?');
  return mark < 0 ? { original, path: original } : { original, path: original.slice(0, mark), query: original.slice(mark + 1) };
}
