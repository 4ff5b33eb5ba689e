import { type DeliveryError, isJsonObject, type JsonObject, type JsonValue, MillraceError, type Outcomes } from 'millrace/sdk';
import { type Classified, classify, deliveryError, readFault } from './fault.ts';
import type { BulkRequest } from './request.ts';

/** The parts of an answer that are read; the server leaves the others away. Errors of whole requests are filtered too. */
export const FILTER_PATH = 'errors,error,status,items.*.status,items.*.error';

/** What the answer is the answer to. */
export interface Sent {
  readonly request: BulkRequest;
  /** The index, template or data stream, for messages. */
  readonly target: string;
  /** The address that answered, or those that may have. */
  readonly node: string;
}

/**
 * Reads what became of each record out of the answer of `_bulk`. Throws ES_BAD_ANSWER, which leaves all records unknown,
 * where it is no such answer or has not one item per document: Elasticsearch answers `errors: false` with an item
 * missing when the last action lost its source.
 */
export function readOutcomes(answer: unknown, sent: Sent, outcomes: Outcomes): void {
  const items = itemsOf(answer, sent);
  const { count, rows } = sent.request;
  if ((answer as JsonObject)['errors'] === false) {
    if (count === outcomes.length) outcomes.deliveredAll();
    else for (let k = 0; k < count; k += 1) outcomes.delivered(rows[k] as number);
    return;
  }
  const reader = new ItemReader(sent.target, outcomes);
  for (let k = 0; k < count; k += 1) reader.read(items[k] as JsonValue, rows[k] as number);
}

function itemsOf(answer: unknown, { request, node }: Sent): readonly JsonValue[] {
  const bad = (reason: string): MillraceError => new MillraceError('ES_BAD_ANSWER', { node, reason });
  if (!isJsonObject(answer)) throw bad('it is no JSON object');
  const { items, errors } = answer as { items?: JsonValue; errors?: JsonValue };
  if (typeof errors !== 'boolean') throw bad('it does not say whether there were errors');
  if (!Array.isArray(items)) throw bad('it has no items');
  if (items.length !== request.count) throw bad(`it has ${items.length} items for ${request.count} documents`);
  return items;
}

/** Reads items one after the other; equal faults, of which a busy server gives thousands, are read once. */
class ItemReader {
  readonly #target: string;
  readonly #outcomes: Outcomes;
  readonly #seen = new Map<string, { classified: Classified; error: DeliveryError }>();

  constructor(target: string, outcomes: Outcomes) {
    this.#target = target;
    this.#outcomes = outcomes;
  }

  /** An item that says nothing leaves its record unknown. */
  read(item: JsonValue, row: number): void {
    const result = isJsonObject(item) ? (item['create'] ?? item['index']) : undefined;
    if (!isJsonObject(result) || typeof result['status'] !== 'number') return;
    const { status, error } = result as { status: number; error?: JsonValue };
    if (status >= 200 && status < 300 && error === undefined) {
      this.#outcomes.delivered(row);
    } else if (status === 409 && isJsonObject(error) && error['type'] === 'version_conflict_engine_exception') {
      // Every id is derived from the record's origin, so the document in its place is the record itself.
      this.#outcomes.duplicate(row);
    } else {
      this.#failed(status, error, row);
    }
  }

  #failed(status: number, error: JsonValue | undefined, row: number): void {
    const fault = readFault(status, error);
    const key = `${status} ${fault.reason}`;
    let known = this.#seen.get(key);
    if (known === undefined) {
      const classified = classify(fault);
      const index = isJsonObject(error) && typeof error['index'] === 'string' ? error['index'] : this.#target;
      known = { classified, error: deliveryError(classified.code, index, fault) };
      this.#seen.set(key, known);
    }
    if (known.classified.action === 'retry') this.#outcomes.retry(row, known.error);
    else this.#outcomes.reject(row, known.error);
  }
}
