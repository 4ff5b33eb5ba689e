import { type DeliveryError, type ErrorCode, errorMessage, isJsonObject } from 'millrace/sdk';

/** The longest reason that is passed on: Elasticsearch repeats parts of the document in some. */
const LONGEST_REASON = 1000;

/** Levels of `caused_by` that are read. */
const DEEPEST_CAUSE = 5;

/** What Elasticsearch says of one document, or of a whole request, that it did not take. */
export interface Fault {
  readonly status: number;
  /** Its `error.type`: `document_parsing_exception`; empty where it gave none. */
  readonly type: string;
  /** Type and reason with those of the causes, for people. */
  readonly reason: string;
}

/** Reads the `error` of an item or of a refused request. */
export function readFault(status: number, error: unknown): Fault {
  const type = isJsonObject(error) && typeof error['type'] === 'string' ? error['type'] : '';
  const reason = reasonWithCauses(error) || `status ${status} without a reason`;
  return { status, type, reason: reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}...` : reason };
}

function reasonWithCauses(error: unknown): string {
  if (typeof error === 'string') return error;
  const parts: string[] = [];
  let here: unknown = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && isJsonObject(here); depth += 1) {
    const part = [here['type'], here['reason']].filter((text) => typeof text === 'string').join(': ');
    if (part !== '') parts.push(part);
    here = here['caused_by'];
  }
  return parts.join(', caused by ').replaceAll(/\s*\n\s*/g, ' ');
}

/** Whether a fault may pass by itself or by an operator's hand (`retry`), or lies in the record (`reject`). */
export interface Classified {
  readonly action: 'retry' | 'reject';
  readonly code: ErrorCode;
}

/**
 * Faults that are known by their type, whatever their status: a flood-stage block comes as 429 and as 403, a closed
 * index as 400 and as 403. None of those that an operator has to mend is ever a dead letter.
 */
const BY_TYPE: Readonly<Record<string, Classified>> = {
  index_closed_exception: { action: 'retry', code: 'ES_INDEX_CLOSED' },
  cluster_block_exception: { action: 'retry', code: 'ES_BLOCKED' },
  index_not_found_exception: { action: 'retry', code: 'ES_INDEX_MISSING' },
  security_exception: { action: 'retry', code: 'ES_FORBIDDEN' },
  document_missing_exception: { action: 'reject', code: 'ES_DOCUMENT_MISSING' },
  // Of an update that was made from what another change replaced meanwhile; of all else see response.ts.
  version_conflict_engine_exception: { action: 'retry', code: 'ES_CONFLICT' },
  invalid_index_name_exception: { action: 'reject', code: 'ES_INDEX_NAME' },
};

/**
 * Faults with a type and status that mean many things, told apart by their reason, the only place that says so: the
 * limit of shards, an alias without a write index and a missing ingest pipeline are status 400, as a bad document is.
 * Each pattern holds the beginning fast, for further on a reason may repeat any text of the document.
 */
const BY_REASON: readonly { readonly pattern: RegExp; readonly classified: Classified }[] = [
  {
    pattern: /^index_not_found_exception: no such index \[[^\]]*\] and the index creation request requires a data stream/,
    classified: { action: 'retry', code: 'ES_NO_DATA_STREAM' },
  },
  {
    pattern: /^resource_not_found_exception: \[require_data_stream\]/,
    classified: { action: 'retry', code: 'ES_NO_DATA_STREAM' },
  },
  {
    pattern: /^(validation|illegal_argument)_exception: (Validation Failed: 1: )?this action would add \[\d+\] (\w+ )?shards/,
    classified: { action: 'retry', code: 'ES_BLOCKED' },
  },
  { pattern: /^illegal_argument_exception: no write index is defined/, classified: { action: 'retry', code: 'ES_TARGET_UNFIT' } },
  { pattern: /^illegal_argument_exception: pipeline with id \[/, classified: { action: 'retry', code: 'ES_TARGET_UNFIT' } },
  {
    pattern: /^\w+: (\[\d+:\d+\] failed to parse: )?data stream timestamp field \[@timestamp\] is missing/,
    classified: { action: 'reject', code: 'ES_TIMESTAMP_MISSING' },
  },
];

/** Statuses that mean the document itself is at fault. All others may pass. */
const REJECTING: ReadonlySet<number> = new Set([400, 413, 422]);

/** What to do about a fault of one document. */
export function classify({ status, type, reason }: Fault): Classified {
  const byReason = BY_REASON.find(({ pattern }) => pattern.test(reason));
  if (byReason) return byReason.classified;
  const byType = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (byType) return byType;
  if (status === 401 || status === 403) return { action: 'retry', code: 'ES_FORBIDDEN' };
  if (status === 404) return { action: 'retry', code: 'ES_INDEX_MISSING' };
  if (REJECTING.has(status)) return { action: 'reject', code: 'ES_DOCUMENT_REJECTED' };
  return { action: 'retry', code: 'ES_BUSY' };
}

/** The error that goes with a record, or with a whole batch. `target`: the index or data stream, for people. */
export function deliveryError(code: ErrorCode, target: string, fault: Fault): DeliveryError {
  return { code, message: errorMessage(code, { target, name: target, reason: fault.reason, status: fault.status }) };
}
