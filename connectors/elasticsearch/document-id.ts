import type { JsonValue } from 'millrace/sdk';

/** The longest id that Elasticsearch takes, in bytes of UTF-8; a longer one makes it refuse the whole request. */
const LONGEST = 512;

/** A text that a template may give for an id or a routing, or `undefined` where it gave none. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** What is wrong with what a template gave for the id of a document, or `undefined` where nothing is. */
export function documentIdFault(value: JsonValue | undefined): string | undefined {
  const id = textOf(value);
  if (id === undefined) {
    return `the template gave ${JSON.stringify(value ?? null).slice(0, 80)}, which is no text; let the id be a field that every record has`;
  }
  if (id === '') return 'it is empty';
  if (id.length > LONGEST || Buffer.byteLength(id) > LONGEST) {
    return `it has more than ${LONGEST} bytes; shorten it by a hash: {{ sha256(field) }}`;
  }
  return undefined;
}
