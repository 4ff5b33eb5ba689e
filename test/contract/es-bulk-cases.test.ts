/**
 * What other Elasticsearch sinks do (../shared/data/es_bulk/cases.json, where it is at hand): every behaviour is either
 * shown here, as it is there or as it is with us, or listed with the reason why there is none.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { config } from '../../connectors/elasticsearch/config.ts';
import { type CaseInput, type CaseResult, deliverCase } from '../support/delivered-case.ts';
import { type Answer, actionsOf, allCreated, FakeElasticsearch, json } from '../support/fake-elasticsearch.ts';

const checklist = new URL('../../../shared/data/es_bulk/cases.json', import.meta.url);

interface Given {
  readonly id: string;
  readonly responses: readonly (string | { readonly errors?: boolean; readonly statuses?: number[]; readonly error?: unknown })[];
  readonly then: { readonly bulk_calls?: number[]; readonly resent?: string[][]; readonly sleeps_s?: number[] };
}

const cases: readonly Given[] = existsSync(checklist)
  ? (JSON.parse(readFileSync(checklist, 'utf8')) as { cases: Given[] }).cases
  : [];

let server: FakeElasticsearch;

beforeEach(async () => {
  server = await new FakeElasticsearch().listen();
});

afterEach(() => server.close());

const deliver = (input: CaseInput): Promise<CaseResult> => deliverCase(server, input);

/** Documents `{"n":0}`, `{"n":1}`, ... */
const documents = (count: number): string[] => Array.from({ length: count }, (_, n) => `{"n":${n}}`);
const broken: Answer = (_request, response) => response.destroy();
const silent: Answer = () => {};

/** Items with these statuses, each under the operation that was asked for. */
function items(statuses: readonly number[], error?: unknown): Answer {
  return (request, response) => {
    const asked = actionsOf(request);
    const answered = statuses.map((status, i) => ({
      [asked[i]?.operation ?? 'create']: status < 300 || error === undefined ? { status } : { status, error },
    }));
    json(200, { errors: true, items: answered })(request, response);
  };
}

/** The answers of a case as its file has them. */
function answersOf({ responses }: Given): Answer[] {
  return responses.map((one) => {
    if (typeof one !== 'string') return one.statuses === undefined ? allCreated : items(one.statuses, one.error);
    const status = /^HTTP (\d+)$/.exec(one)?.[1];
    return status === undefined ? broken : json(Number(status), {});
  });
}

/** The same requests as there, and nothing else. */
async function sameCalls(given: Given, values: readonly string[]): Promise<CaseResult> {
  const result = await deliver({ values, answers: answersOf(given) });
  expect(result.calls).toEqual(given.then.bulk_calls);
  return result;
}

const mapping = { type: 'document_parsing_exception', reason: 'failed to parse field [n] of type [long]' };
const conflict = { type: 'version_conflict_engine_exception', reason: 'version conflict, current version [7]' };

/** The third of several documents does not fit; the others are delivered, and nothing fails. */
async function oneBad(count: number): Promise<void> {
  const statuses = Array.from({ length: count }, (_, i) => (i === 1 ? 400 : 201));
  const { calls, delivered, dead } = await deliver({ values: documents(count), answers: [items(statuses, mapping)] });
  expect(calls).toEqual([count]);
  expect(delivered).toBe(count - 1);
  expect(dead).toEqual([{ value: '{"n":1}', message: expect.stringContaining('failed to parse field [n]') }]);
}

/** Refused as a whole for a while: ours waits for as long as that takes. */
async function forEver(status: number, error: unknown): Promise<void> {
  const refused = json(status, { error });
  const { calls, delivered, dead } = await deliver({ values: documents(1), answers: [...Array(20).fill(refused), allCreated] });
  expect([calls.length, delivered, dead]).toEqual([21, 1, []]);
}

const shown: Readonly<Record<string, (given: Given) => Promise<void>>> = {
  'ls-all-ok': async (given) => {
    expect((await sameCalls(given, documents(2))).delivered).toBe(2);
  },
  'ls-exception-retried': async (given) => {
    expect((await sameCalls(given, documents(1))).delivered).toBe(1);
  },
  'ls-503-only-failed-items': async (given) => {
    const { sources, delivered } = await sameCalls(
      given,
      ['"a"', '"a"', '"a"', '"b"'].map((text) => `{"v":${text}}`),
    );
    expect(sources.slice(1)).toEqual(given.then.resent?.map((values) => values.map((value) => `{"v":"${value}"}`)));
    expect(delivered).toBe(4);
  },
  'ls-429-retried': async (given) => {
    await sameCalls(given, documents(1));
  },
  'ls-502-retried': async (given) => {
    await sameCalls(given, documents(1));
  },
  'ls-503-retried': async (given) => {
    await sameCalls(given, documents(1));
  },
  'ls-retry-until-non-retryable': async (given) => {
    expect((await sameCalls(given, documents(1))).dead).toHaveLength(1);
  },
  // Ours has jitter besides, which the test turns off.
  'ls-backoff': async (given) => {
    const { waits } = await deliver({ values: documents(1), answers: answersOf(given) });
    expect(waits.map((ms) => ms / 1_000)).toEqual(given.then.sleeps_s);
  },
  'ls-mapping-400-not-retried': async (given) => {
    const { delivered, dead } = await sameCalls(given, documents(1));
    expect([delivered, dead.length]).toEqual([0, 1]);
  },
  'ls-mixed-one-bad': () => oneBad(2),
  'ls-http-429-whole-request': async (given) => {
    await sameCalls(given, documents(1));
  },
  // Logstash sends the same again for ever. Ours halves the request down to the record at fault, which is a dead letter.
  'ls-http-413': async () => {
    const tooLarge: Answer = (request, response) =>
      (request.body.includes('"n":2') ? json(413, {}) : allCreated)(request, response);
    const { calls, delivered, dead } = await deliver({ values: documents(4), answers: [tooLarge] });
    expect(calls).toEqual([4, 2, 2, 1, 1]);
    expect(delivered).toBe(3);
    expect(dead).toEqual([{ value: '{"n":2}', message: expect.stringContaining('413') }]);
  },
  'ls-more-items-than-sent': async (given) => {
    const { warnings } = await sameCalls(given, documents(2));
    expect(warnings).toEqual([expect.stringContaining('it has 3 items for 2 documents')]);
  },
  // The status stands in Logstash's reason; ours has the code, which says more.
  'ls-dlq-400': async (given) => {
    const { dead } = await deliver({ values: documents(1), answers: answersOf(given) });
    expect(dead[0]?.message).toBe('indexing the document into logs: illegal_argument_exception: TEST');
  },
  // Logstash may be told to dead-letter 403. Ours waits: an operator mends it.
  'ls-dlq-custom-403': async (given) => {
    const { calls, dead } = await deliver({ values: documents(1), answers: [...answersOf(given), allCreated] });
    expect([calls, dead]).toEqual([[1, 1], []]);
  },
  // Logstash may be told to drop these. Ours waits until the index is open.
  'ls-drop-error-types': async (given) => {
    const { calls, delivered, dead } = await deliver({ values: documents(1), answers: [...answersOf(given), allCreated] });
    expect([calls, delivered, dead]).toEqual([[1, 1], 1, []]);
  },
  // The case leaves out the error that Elasticsearch sends along.
  'ls-409-conflict': async () => {
    const { calls, duplicates, dead, warnings } = await deliver({
      values: documents(1),
      answers: [items([409], conflict)],
      options: { id: '{{ n }}' },
    });
    expect([calls, duplicates, dead]).toEqual([[1], 1, []]);
    expect(warnings).toEqual([expect.stringContaining('there already')]);
  },
  // Ours sends again what nothing is said of.
  'ls-no-error-body': async () => {
    const { calls, delivered, warnings } = await deliver({
      values: documents(1),
      answers: [json(200, { errors: true, items: [{ index: {} }] }), allCreated],
    });
    expect([calls, delivered]).toEqual([[1, 1], 1]);
    expect(warnings).toEqual([expect.stringContaining('said nothing of 1 records')]);
  },
  'ls-unreachable-shutdown': async () => {
    const ending = new AbortController();
    const refused: Answer = (_request, response) => {
      response.destroy();
      if (server.bulks.length === 3) ending.abort(new Error('the task ends'));
    };
    const delivering = deliver({ values: documents(2), answers: [refused], signal: ending.signal });
    await expect(delivering).rejects.toThrow('the task ends');
  },
  'ls-invalid-action': async () => {
    const values = ['index', 'merge', 'create', 'delete', ''].map((op, n) => JSON.stringify({ op, n }));
    const { operations, delivered, dead } = await deliver({
      values,
      answers: [],
      options: { id: '{{ n }}', operation: '{{ op }}' },
    });
    expect([operations, delivered]).toEqual([[['index', 'create', 'delete']], 3]);
    expect(dead.map(({ message }) => message)).toEqual([
      expect.stringContaining('the operation is "merge"'),
      expect.stringContaining('the operation is ""'),
    ]);
  },
  'vec-400-no-retry': async () => {
    const error = { type: 'illegal_argument_exception', reason: 'mapper [message] of different type' };
    const { calls, dead } = await deliver({ values: documents(1), answers: [items([400], error)] });
    expect(calls).toEqual([1]);
    expect(dead[0]?.message).toContain('illegal_argument_exception: mapper [message] of different type');
  },
  'vec-partial-429': async () => {
    const { sources } = await deliver({ values: documents(2), answers: [items([201, 429]), allCreated] });
    expect(sources).toEqual([documents(2), ['{"n":1}']]);
  },
  'vec-create-error-reason': async () => {
    const error = { type: 'mapper_parsing_exception', reason: 'object mapping for [host] tried to parse field [host] as object' };
    const { operations, dead } = await deliver({ values: documents(1), answers: [items([400], error)] });
    expect(operations).toEqual([['create']]);
    expect(dead[0]?.message).toContain('mapper_parsing_exception: object mapping for [host]');
  },
  // Vector drops 501, what is 4xx and what it cannot parse. Ours drops nothing: it waits, or finds the record at fault.
  'vec-http-statuses': async () => {
    const refusal = json(400, { error: { type: 'illegal_argument_exception', reason: 'Malformed action' } });
    const garbage: Answer = (_request, response) => {
      const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
      response.writeHead(200, headers).end('{"errors":true');
    };
    const waits = [json(429, {}), json(501, {}), json(500, {}), json(504, {}), json(404, {}), garbage];
    const { calls, delivered, dead } = await deliver({ values: documents(2), answers: [...waits, refusal, refusal, allCreated] });
    expect(calls).toEqual([2, 2, 2, 2, 2, 2, 2, 1, 1]);
    expect([delivered, dead.map(({ value }) => value)]).toEqual([1, ['{"n":0}']]);
  },
  'vec-create-action-template': async () => {
    const value = '{"event":{"action":"crea"},"message":"hello there"}';
    await deliver({ values: [value], answers: [], options: { operation: '{{ event.action }}te' } });
    expect(server.bulks[0]?.body).toBe(`{"create":{"_id":"${actionsOf(server.bulks[0] as never)[0]?.meta['_id']}"}}\n${value}\n`);
  },
  'vec-external-version-missing': async () => {
    const { error } = config.safeParse({ index: 'a', id: '{{ a }}', operation: 'index', version_type: 'external' });
    expect(error?.issues).toEqual([expect.objectContaining({ message: 'version_type goes with version' })]);
  },
  'vec-partial-failure-integration': async () => {
    await oneBad(2);
    const { delivered, dead } = await deliver({
      values: documents(2),
      answers: [items([400, 201], mapping)],
      options: { compression: true },
    });
    expect([server.bulks.at(-1)?.headers['content-encoding'], delivered, dead.length]).toEqual(['gzip', 1, 1]);
  },
  'kc-ignore-malformed': () => oneBad(3),
  // Kafka Connect's task fails. Ours keeps the bad document with its reason and goes on.
  'kc-fail-malformed': () => oneBad(3),
  'kc-report-malformed': () => oneBad(7),
  // As above: the dead letter, and no failure.
  'kc-report-and-fail': () => oneBad(7),
  'kc-report-never-on-success': async () => {
    const { delivered, dead } = await deliver({ values: documents(3), answers: [] });
    expect([delivered, dead]).toEqual([3, []]);
  },
  'kc-external-version-conflict': async () => {
    const options = { id: '{{ n }}', operation: 'index', version: '{{ $offset }}' };
    const { calls, duplicates, dead, warnings } = await deliver({
      values: documents(3),
      answers: [items([409, 409, 409], conflict)],
      options,
    });
    expect([calls, duplicates, dead, warnings]).toEqual([[3], 3, [], []]);
  },
  'kc-socket-timeout': async () => {
    const answers = [silent, silent, silent, silent, allCreated];
    const { calls, delivered } = await deliver({ values: documents(1), answers, options: { request_timeout: '50ms' } });
    expect([calls, delivered]).toEqual([[1, 1, 1, 1, 1], 1]);
  },
  // Kafka Connect's task fails after its retries. Ours waits for ever, and shows it.
  'kc-429': () => forEver(429, { type: 'circuit_breaking_exception', reason: 'Data too large' }),
  'kc-503': () => forEver(503, 'unavailable'),
};

/** Behaviours that have no counterpart here. */
const listed: Readonly<Record<string, string>> = {
  'kc-flush-before-linger': 'the sink holds nothing back: the runtime cuts batches, and waits 50 ms for company at most',
};

describe.skipIf(cases.length === 0)('the behaviours of other sinks', () => {
  it('are all shown or listed', () => {
    expect([...Object.keys(shown), ...Object.keys(listed)].sort()).toEqual(cases.map(({ id }) => id).sort());
  });

  it.each(cases.filter(({ id }) => id in shown))('$id', (given) => shown[given.id]?.(given));
});
