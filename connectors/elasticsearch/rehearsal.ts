import type { ConnectionRequestParams, ConnectionRequestResponse } from '@elastic/elasticsearch';
import { isJsonObject, type JsonObject, type JsonValue, type SinkRehearsal, type SinkRehearsalContext } from 'millrace/sdk';
import type { ElasticsearchConfig } from './config.ts';
import { ElasticsearchSink } from './sink.ts';

const CREATED = 201;
const OK = 200;
const BAD_REQUEST = 400;

/** A document of a `_bulk` request, as a test reads it. */
interface Action extends JsonObject {
  operation: string;
}

/**
 * The sink with a server inside the process. A reply of a test is `{ status: 503 }` for a request as a whole, or `{ documents:
 * [ 201, { status: 400, type: mapper_parsing_exception, reason: ... } ] }` for each of its documents; what it does not speak of is taken.
 */
export function rehearse({ tls: _, ...config }: ElasticsearchConfig, context: SinkRehearsalContext): SinkRehearsal {
  const server = new RehearsedServer(context.replies);
  return {
    sink: new ElasticsearchSink(config, context, (asked) => server.answer(asked)),
    delivered: () => server.actions,
  };
}

class RehearsedServer {
  readonly actions: Action[] = [];
  readonly #replies: JsonValue[];

  constructor(replies: readonly JsonValue[]) {
    this.#replies = [...replies];
  }

  answer({ method, path, body }: ConnectionRequestParams): ConnectionRequestResponse {
    if (!path.endsWith('/_bulk')) return answerOf(OK, { acknowledged: true });
    const text = bodyText(body);
    // The sink signs in by a request without documents.
    if (text === '') return answerOf(BAD_REQUEST, { error: { type: 'parse_exception', reason: 'request body is required' } });
    const actions = actionsIn(text, { method, path });
    this.actions.push(...actions);
    const reply = this.#replies.shift();
    const given = isJsonObject(reply) ? reply : {};
    const { status, documents } = given;
    if (typeof status === 'number')
      return answerOf(status, { error: { type: 'rehearsed', reason: `status ${status}`, ...given } });
    return bulkAnswer(actions, Array.isArray(documents) ? documents : []);
  }
}

function bodyText(body: ConnectionRequestParams['body']): string {
  return typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : '';
}

/** The documents of a request, with what stands in the address put beside each. */
function actionsIn(text: string, { method, path }: { method: string; path: string }): Action[] {
  const lines = text.split('\n').slice(0, -1);
  const named = decodeURIComponent(/^\/([^/]+)\/_bulk$/.exec(path)?.[1] ?? '');
  const actions: Action[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [[operation, meta] = ['', {}]] = Object.entries(JSON.parse(lines[at] as string) as Record<string, JsonObject>);
    const { _index: index = named, _id: id, ...more } = meta;
    const action: Action = { method, path, operation, index, ...(id === undefined ? {} : { id }), ...more };
    if (operation !== 'delete') {
      at += 1;
      action['document'] = JSON.parse(lines[at] as string) as JsonValue;
    }
    actions.push(action);
  }
  return actions;
}

function bulkAnswer(actions: readonly Action[], documents: readonly JsonValue[]): ConnectionRequestResponse {
  const items = actions.map(({ operation }, i) => ({ [operation]: itemOf(documents[i]) }));
  const errors = items.some((item) => Object.values(item).some(({ status }) => (status as number) >= BAD_REQUEST));
  return answerOf(OK, { errors, items });
}

function itemOf(reply: JsonValue | undefined): JsonObject {
  if (typeof reply === 'number') return reply < BAD_REQUEST ? { status: reply } : { status: reply, error: errorOf(reply, {}) };
  if (!isJsonObject(reply)) return { status: CREATED };
  const { status = BAD_REQUEST, ...error } = reply;
  return { status, error: errorOf(status, error) };
}

function errorOf(status: JsonValue, error: JsonObject): JsonObject {
  return { type: 'rehearsed', reason: `status ${JSON.stringify(status)}`, ...error };
}

function answerOf(statusCode: number, body: JsonValue): ConnectionRequestResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' },
    body: JSON.stringify(body),
  };
}
