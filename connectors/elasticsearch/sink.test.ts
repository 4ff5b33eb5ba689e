import { Outcomes, type Sink, type SinkBatch } from 'millrace/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElasticsearchSink } from '../../test/support/elasticsearch-sink.ts';
import { allCreated, countOf, FakeElasticsearch, json, statuses } from '../../test/support/fake-elasticsearch.ts';
import { batchOf, KeptLog } from '../../test/support/sink-batches.ts';

const never = new AbortController().signal;
let server: FakeElasticsearch;
let close: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await new FakeElasticsearch().listen();
});

afterEach(async () => {
  await Promise.all(close.map((end) => end()));
  close = [];
  await server.close();
});

function sinkWith(options: Record<string, unknown> = {}, log = new KeptLog()): Sink {
  const sink = createElasticsearchSink({ nodes: [server.url], data_stream: 'logs-a', ...options }, log);
  close.push(() => sink.close());
  return sink;
}

async function deliver(batch: SinkBatch, options: Record<string, unknown> = {}, signal = never): Promise<Outcomes> {
  const sink = sinkWith(options);
  await sink.open(never);
  const outcomes = new Outcomes(batch.records.length);
  await sink.write(batch, outcomes, signal);
  return outcomes;
}

const all = (outcomes: Outcomes): string[] => Array.from({ length: outcomes.length }, (_, i) => outcomes.of(i));
const two = (): SinkBatch => batchOf(['{"a":1}', '{"b":2}']);

describe('a request', () => {
  it('names the target in its address, creates under derived ids, and asks for a short answer', async () => {
    const outcomes = await deliver(two());
    expect(all(outcomes)).toEqual(['delivered', 'delivered']);
    const [request] = server.bulks;
    expect(request?.url.pathname).toBe('/logs-a/_bulk');
    expect(request?.url.searchParams.get('require_data_stream')).toBe('true');
    expect(request?.url.searchParams.get('filter_path')).toBe('errors,error,status,items.*.status,items.*.error');
    expect(request?.headers['content-type']).toContain('ndjson');
    expect(request?.body).toBe('{"create":{"_id":"id-0"}}\n{"a":1}\n{"create":{"_id":"id-1"}}\n{"b":2}\n');
  });

  it('goes to a constant index by its address, and to one by record by its action lines', async () => {
    await deliver(two(), { data_stream: undefined, index: 'plain' });
    const outcomes = await deliver(batchOf(['{"to":"x"}', '{"to":"Y"}']), { data_stream: undefined, index: '{{ to }}' });
    expect(server.bulks.map(({ url }) => url.pathname)).toEqual(['/plain/_bulk', '/_bulk']);
    expect(server.bulks[0]?.url.searchParams.has('require_data_stream')).toBe(false);
    expect(server.bulks[1]?.body).toBe('{"create":{"_index":"x","_id":"id-0"}}\n{"to":"x"}\n');
    expect(all(outcomes)).toEqual(['delivered', 'rejected']);
  });

  it.each([
    [{ username: 'u', password: 'pä' }, `Basic ${Buffer.from('u:pä').toString('base64')}`],
    [{ api_key: 'a2V5' }, 'ApiKey a2V5'],
    [{ bearer_token: 'tok' }, 'Bearer tok'],
    [{}, undefined],
  ])('signs in with %j', async (options, header) => {
    await deliver(two(), options);
    expect(server.others[0]?.headers.authorization).toBe(header);
    expect(server.bulks[0]?.headers.authorization).toBe(header);
  });

  it('is compressed where asked for', async () => {
    expect(all(await deliver(two(), { compression: true }))).toEqual(['delivered', 'delivered']);
    expect(server.bulks[0]?.headers['content-encoding']).toBe('gzip');
    expect(countOf(server.bulks[0] as never)).toBe(2);
  });

  it('is not sent where no record is a document', async () => {
    expect(all(await deliver(batchOf(['x', null])))).toEqual(['rejected', 'rejected']);
    expect(server.bulks).toEqual([]);
  });

  it('is refused whole, for the runtime to halve, where it would be over max_body', async () => {
    const outcomes = await deliver(batchOf(['{"a":1}', `{"b":"${'x'.repeat(200)}"}`]), { max_body: '200B' });
    expect(outcomes.refusal?.code).toBe('ES_REQUEST_TOO_LARGE');
    expect(outcomes.refusal?.message).toMatch(/a body of \d+ bytes for 2 document\(s\) is over max_body \(200 bytes\)/);
    expect(server.bulks).toEqual([]);
  });

  it('keeps bodies apart when several are in flight and when memory is used again', async () => {
    const sink = sinkWith();
    await sink.open(never);
    for (let round = 0; round < 3; round += 1) {
      const before = server.bulks.length;
      await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (n) => {
          const outcomes = new Outcomes(50);
          await sink.write(
            batchOf(
              Array.from({ length: 50 }, (_, i) => `{"w":${n},"i":${i}}`),
              (i) => `r${round}-w${n}-${i}`,
            ),
            outcomes,
            never,
          );
          expect(new Set(all(outcomes))).toEqual(new Set(['delivered']));
        }),
      );
      const bodies = server.bulks
        .slice(before)
        .map(({ body }) => body)
        .sort();
      expect(bodies).toEqual(
        [0, 1, 2, 3, 4, 5].map((n) =>
          Array.from({ length: 50 }, (_, i) => `{"create":{"_id":"r${round}-w${n}-${i}"}}\n{"w":${n},"i":${i}}\n`).join(''),
        ),
      );
    }
  });
});

describe('an answer', () => {
  it('gives each record its own outcome', async () => {
    server.answers = [
      json(200, {
        errors: true,
        items: [
          { create: { status: 201 } },
          { create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'exists' } } },
          { create: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue full' } } },
          {
            create: {
              status: 400,
              error: { type: 'document_parsing_exception', reason: 'failed', caused_by: { type: 'x', reason: 'why' } },
            },
          },
          {},
        ],
      }),
    ];
    const outcomes = await deliver(batchOf(['{"a":1}', 'not json', '{"b":2}', '{"c":3}', '{"d":4}', '{"e":5}']));
    expect(all(outcomes)).toEqual(['delivered', 'rejected', 'duplicate', 'retry', 'rejected', 'unknown']);
    expect(outcomes.errorOf(1)?.code).toBe('ES_NOT_AN_OBJECT');
    expect(outcomes.errorOf(3)).toEqual({
      code: 'ES_BUSY',
      message: 'writing to logs-a: Elasticsearch cannot take it now (429): es_rejected_execution_exception: queue full',
    });
    expect(outcomes.errorOf(4)?.message).toBe(
      'indexing the document into logs-a: document_parsing_exception: failed, caused by x: why',
    );
  });

  it.each([
    [
      'with an item missing',
      json(200, { errors: false, items: [{ create: { status: 201 } }] }),
      'it has 1 items for 2 documents',
    ],
    ['with an item too many', statuses([500, 201, 500]), 'it has 3 items for 2 documents'],
    ['without items', json(200, { errors: false }), 'it has no items'],
    ['that is no answer of bulk', json(200, { hello: 1 }), 'it does not say whether there were errors'],
    ['that is a list', json(200, []), 'it is no JSON object'],
  ])('%s leaves all unknown', async (_name, answer, reason) => {
    server.answers = [answer];
    await expect(deliver(two())).rejects.toMatchObject({ code: 'ES_BAD_ANSWER', message: expect.stringContaining(reason) });
  });

  it('that is garbage, or from another product, or cut off, is a clear error', async () => {
    const sink = sinkWith();
    await sink.open(never);
    const write = (): Promise<void> => sink.write(two(), new Outcomes(2), never);
    server.answers = [
      (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
          .end('{"errors":fal'),
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello'),
      (_request, response) =>
        response.writeHead(200, { 'content-length': '100', 'x-elastic-product': 'Elasticsearch' }).write('{') &&
        response.destroy(),
      (_request, response) => response.destroy(),
    ];
    await expect(write()).rejects.toMatchObject({ code: 'ES_BAD_ANSWER', message: expect.stringContaining('it is no JSON') });
    await expect(write()).rejects.toMatchObject({ code: 'ES_BAD_ANSWER', message: expect.stringContaining('not Elasticsearch') });
    await expect(write()).rejects.toMatchObject({ code: 'ES_UNREACHABLE', message: expect.stringContaining(server.url) });
    await expect(write()).rejects.toMatchObject({ code: 'ES_UNREACHABLE' });
  });
});

describe('a request that fails as a whole', () => {
  const error = (type: string, reason = 'because') => ({ error: { type, reason }, status: 0 });

  it.each([
    [400, error('action_request_validation_exception', 'id is too long'), 'ES_REQUEST_REFUSED'],
    [400, error('illegal_argument_exception', 'Malformed action/metadata line [3]'), 'ES_REQUEST_REFUSED'],
    [413, '', 'ES_REQUEST_TOO_LARGE'],
  ])('with %i %j is refused, so that it is halved', async (status, body, code) => {
    server.answers = [json(status, body)];
    const outcomes = await deliver(two());
    expect(outcomes.refusal?.code).toBe(code);
    expect(all(outcomes)).toEqual(['unknown', 'unknown']);
  });

  it.each([
    [400, '<html>400 The plain HTTP request was sent to HTTPS port', 'ES_BAD_ANSWER'],
    [400, error('illegal_argument_exception', 'request [/_bulk] contains unrecognized parameter: [x]'), 'ES_BAD_ANSWER'],
    [401, error('security_exception', 'unable to authenticate user [u]'), 'ES_UNAUTHORIZED'],
    [403, error('security_exception', 'action is unauthorized'), 'ES_FORBIDDEN'],
    [403, error('cluster_block_exception'), 'ES_BLOCKED'],
    [404, 'no such page', 'ES_BAD_ANSWER'],
    [404, error('index_not_found_exception'), 'ES_INDEX_MISSING'],
    [405, error(''), 'ES_BAD_ANSWER'],
    [429, error('circuit_breaking_exception', 'Data too large'), 'ES_BUSY'],
    [429, error('cluster_block_exception'), 'ES_BLOCKED'],
    [500, '', 'ES_BUSY'],
    [501, '', 'ES_BUSY'],
    [503, '', 'ES_BUSY'],
  ])('with %i %j leaves all unknown', async (status, body, code) => {
    server.answers = [json(status, body)];
    await expect(deliver(two())).rejects.toMatchObject({ code, retry: 'backoff' });
    expect(server.bulks).toHaveLength(1);
  });

  it('does not copy the body byte by byte to hide passwords in it', async () => {
    server.answers = [json(503, '')];
    const batch = batchOf([`{"a":"${'x'.repeat(20_000_000)}"}`]);
    const sink = sinkWith();
    await sink.open(never);
    const before = process.cpuUsage();
    await expect(sink.write(batch, new Outcomes(1), never)).rejects.toMatchObject({ code: 'ES_BUSY' });
    const { user } = process.cpuUsage(before);
    expect(user / 1000).toBeLessThan(2_000);
  });

  it('goes on without the parameter for data streams where the server does not know it', async () => {
    const log = new KeptLog();
    const sink = sinkWith({}, log);
    await sink.open(never);
    const unknown = json(
      400,
      error('illegal_argument_exception', 'request [/logs-a/_bulk] contains unrecognized parameter: [require_data_stream]'),
    );
    server.answers = [unknown, allCreated];
    await expect(sink.write(two(), new Outcomes(2), never)).rejects.toMatchObject({ code: 'ES_BAD_ANSWER' });
    const outcomes = new Outcomes(2);
    await sink.write(two(), outcomes, never);
    expect(all(outcomes)).toEqual(['delivered', 'delivered']);
    expect(server.bulks[1]?.url.searchParams.has('require_data_stream')).toBe(false);
    expect(log.warnings).toHaveLength(1);
  });
});
