import type { errors } from '@elastic/elasticsearch';
import { type DeliveryError, type ErrorCode, isJsonObject, MillraceError, reasonOf } from 'millrace/sdk';
import { classify, deliveryError, type Fault, readFault } from './fault.ts';

/** What a request was about, for messages. */
export interface Attempt {
  /** The addresses it may have gone to. */
  readonly nodes: readonly string[];
  /** The index, template or data stream. */
  readonly target: string;
  readonly timeoutMs: number;
}

/** Either an error that leaves all records unknown, or the refusal of a request because of something in it. */
export type Failure = { readonly thrown: MillraceError } | { readonly refusal: DeliveryError };

/** How a failed TLS connection shows in the text of an error; the client passes on no code. */
const TLS = /certificate|altname|SSL routines|TLS|EPROTO/i;

/** Refusals of a request (status 400) that lie in how it was made, not in a record: halving it would find nothing. */
const NOT_THE_RECORDS = /unrecognized parameter|media_type|Content-Type/;

/**
 * What it means that a request failed with `error`, as thrown by the client. Nothing of it is kept, for it holds the
 * body and the password.
 */
export function failureOf(error: unknown, attempt: Attempt): Failure {
  if (is(error, 'ResponseError')) return failureOfAnswer(error, attempt);
  return { thrown: failureOfConnection(error, attempt) };
}

function failureOfConnection(error: unknown, { nodes, timeoutMs }: Attempt): MillraceError {
  const node = nodeOf(error) ?? nodes.join(', ');
  if (is(error, 'TimeoutError')) return new MillraceError('ES_TIMEOUT', { node, seconds: timeoutMs / 1000 });
  if (is(error, 'ProductNotSupportedError')) {
    return new MillraceError('ES_BAD_ANSWER', {
      node,
      reason: 'what answers is not Elasticsearch (it sends no x-elastic-product header)',
    });
  }
  if (is(error, 'DeserializationError')) {
    return new MillraceError('ES_BAD_ANSWER', { node, reason: `it is no JSON: ${error.message}` });
  }
  if (is(error, 'ConnectionError') || is(error, 'NoLivingConnectionsError')) {
    // Where a name has several addresses and none answers, Node's error has an empty message.
    const reason = error.message === '' ? 'none of its addresses answers' : error.message;
    return new MillraceError(TLS.test(reason) ? 'ES_TLS' : 'ES_UNREACHABLE', { node, reason });
  }
  return new MillraceError('ES_UNREACHABLE', { node, reason: reasonOf(error) });
}

/**
 * Whether it is an error of the client's of that class. By its name, not by `instanceof`: the client is loaded with the
 * first sink that connects, and this must not load it.
 */
function is<Name extends keyof typeof errors>(error: unknown, name: Name): error is InstanceType<(typeof errors)[Name]> {
  return error instanceof Error && error.name === name;
}

/** Whether the server has answered, with something other than success. */
export function isResponseError(error: unknown): error is errors.ResponseError {
  return is(error, 'ResponseError');
}

function failureOfAnswer(error: errors.ResponseError, attempt: Attempt): Failure {
  const node = nodeOf(error) ?? attempt.nodes.join(', ');
  const status = error.meta.statusCode ?? 0;
  const body: unknown = error.meta.body;
  const fault = readFault(status, isJsonObject(body) ? body['error'] : undefined);
  // Whatever stands between may answer as well: some statuses count only as Elasticsearch's own word.
  const itsWord = fault.type !== '';
  if (status === 413) return { refusal: tooLarge(attempt.target, 'the server refuses a body of this size (413)') };
  if (status === 400 && itsWord && !NOT_THE_RECORDS.test(fault.reason)) return refusalOrThrow(fault, attempt);
  if (status === 401) return { thrown: new MillraceError('ES_UNAUTHORIZED', { node, reason: fault.reason }) };
  const busy = status === 408 || status === 429 || status >= 500;
  if (busy || status === 403 || (status === 404 && itsWord))
    return { thrown: asThrown(classify(fault).code, attempt.target, fault) };
  return { thrown: new MillraceError('ES_BAD_ANSWER', { node, reason: itsWord ? fault.reason : `its status is ${status}` }) };
}

function refusalOrThrow(fault: Fault, { target }: Attempt): Failure {
  const { action, code } = classify(fault);
  if (action === 'retry') return { thrown: asThrown(code, target, fault) };
  return { refusal: deliveryError('ES_REQUEST_REFUSED', target, fault) };
}

function asThrown(code: ErrorCode, target: string, fault: Fault): MillraceError {
  return new MillraceError(code, { target, reason: fault.reason, status: fault.status });
}

/** The refusal of a body that is too large as a whole. */
export function tooLarge(target: string, reason: string): DeliveryError {
  return deliveryError('ES_REQUEST_TOO_LARGE', target, { status: 413, type: '', reason });
}

/** The address that a failed request went to. */
function nodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('meta' in error)) return undefined;
  const meta = error.meta as { meta?: { connection?: { url?: URL } | null } } | undefined;
  return meta?.meta?.connection?.url?.origin;
}
