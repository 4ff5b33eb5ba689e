import { type DeliveryError, isJsonObject, type JsonObject, type JsonValue, MillraceError, type Outcomes } from 'millrace/sdk';
import { type Classified, classify, deliveryError, readFault } from './fault.ts';
import type { BulkRequest } from './request.ts';

/** The parts of an answer that are read; the server leaves the others away. Errors of whole requests are filtered too. */
export const FILTER_PATH = 'errors,error,status,items.*.status,items.*.error';

const NO_PIPELINE = /^illegal_argument_exception: pipeline with id \[/;

/** What the answer is the answer to. */
export interface Sent {
  readonly request: BulkRequest;
  /** The index, template or data stream, for messages. */
  readonly target: string;
  /** The address that answered, or those that may have. */
  readonly node: string;
  /** Whether records choose their ingest pipeline: one that is not there is then the record's fault, not an operator's. */
  readonly choosesPipeline?: boolean;
}

/** What is done with a document, as an item of the answer says it. */
const OPERATIONS = ['create', 'index', 'update', 'delete'] as const;

/**
 * Reads what became of each record out of the answer of `_bulk`; returns how many were to be created and were there
 * already. Throws ES_BAD_ANSWER, which leaves all records unknown,
 * where it is no such answer or has not one item per document: Elasticsearch answers `errors: false` with an item
 * missing when the last action lost its source.
 */
export function readOutcomes(answer: unknown, sent: Sent, outcomes: Outcomes): number {
  const items = itemsOf(answer, sent);
  const { count, rows } = sent.request;
  if ((answer as JsonObject)['errors'] === false) {
    if (count === outcomes.length) outcomes.deliveredAll();
    else for (let k = 0; k < count; k += 1) outcomes.delivered(rows[k] as number);
    return 0;
  }
  const reader = new ItemReader(sent, outcomes);
  for (let k = 0; k < count; k += 1) reader.read(items[k] as JsonValue, rows[k] as number);
  return reader.thereAlready;
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
  readonly #sent: Sent;
  readonly #outcomes: Outcomes;
  /** Documents that were to be created and were there. */
  thereAlready = 0;
  readonly #seen = new Map<string, { classified: Classified; error: DeliveryError }>();

  constructor(sent: Sent, outcomes: Outcomes) {
    this.#sent = sent;
    this.#outcomes = outcomes;
  }

  /** An item that says nothing leaves its record unknown. */
  read(item: JsonValue, row: number): void {
    if (!isJsonObject(item)) return;
    const operation = OPERATIONS.find((one) => item[one] !== undefined);
    const result = operation === undefined ? undefined : item[operation];
    if (operation === undefined || !isJsonObject(result) || typeof result['status'] !== 'number') return;
    const { status, error } = result as { status: number; error?: JsonValue };
    if (status >= 200 && status < 300 && error === undefined) {
      this.#outcomes.delivered(row);
    } else if (status === 409 && operation !== 'update' && typeOf(error) === 'version_conflict_engine_exception') {
      // Created already: under a derived id it is the record itself, under one of the user's the first of that id. Or
      // what is there has a newer version.
      this.#outcomes.duplicate(row);
      if (operation === 'create') this.thereAlready += 1;
    } else if (operation === 'delete' && isGone(status, error)) {
      this.#outcomes.delivered(row);
    } else {
      this.#failed(status, error, row);
    }
  }

  #failed(status: number, error: JsonValue | undefined, row: number): void {
    const fault = readFault(status, error);
    const key = `${status} ${fault.reason}`;
    let known = this.#seen.get(key);
    if (known === undefined) {
      const unknownPipeline = this.#sent.choosesPipeline === true && NO_PIPELINE.test(fault.reason);
      const classified: Classified = unknownPipeline ? { action: 'reject', code: 'ES_DOCUMENT_REJECTED' } : classify(fault);
      const index = isJsonObject(error) && typeof error['index'] === 'string' ? error['index'] : this.#sent.target;
      known = { classified, error: deliveryError(classified.code, index, fault) };
      this.#seen.set(key, known);
    }
    if (known.classified.code === 'ES_BUSY') this.#outcomes.overload();
    if (known.classified.action === 'retry') this.#outcomes.retry(row, known.error);
    else this.#outcomes.reject(row, known.error);
  }
}

function typeOf(error: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(error) ? error['type'] : undefined;
}

/** Nothing is there to delete, nor the index: what was asked for holds. */
function isGone(status: number, error: JsonValue | undefined): boolean {
  return status === 404 && (error === undefined || typeOf(error) === 'index_not_found_exception');
}
