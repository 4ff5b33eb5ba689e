import { BatchBuilder, Outcomes, type RecordBatch, type Sink } from 'millrace/sdk';
import { VirtualClock } from 'millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElasticsearchSink } from '../../test/support/elasticsearch-sink.ts';
import { actionsOf, FakeElasticsearch, json } from '../../test/support/fake-elasticsearch.ts';
import { batchOf, batchOfResults, contextWith, KeptLog, type SentResult } from '../../test/support/sink-batches.ts';

const never = new AbortController().signal;
let server: FakeElasticsearch;
let sink: Sink;
let log: KeptLog;
let clock: VirtualClock;

beforeEach(async () => {
  server = await new FakeElasticsearch().listen();
  log = new KeptLog();
  clock = new VirtualClock();
});

afterEach(async () => {
  await sink.close();
  await server.close();
});

async function open(options: Record<string, unknown>): Promise<void> {
  sink = createElasticsearchSink({ nodes: [server.url], index: 'a', ...options }, contextWith(log, clock));
  await sink.open(never);
}

/** Writes values; the outcome of each, with the code of its error. */
async function outcomesOf(values: readonly (string | null)[]): Promise<string[]> {
  const outcomes = new Outcomes(values.length);
  await sink.write(batchOf(values), outcomes, never);
  return values.map((_, i) => [outcomes.of(i), outcomes.errorOf(i)?.code].filter((part) => part !== undefined).join(' '));
}

const conflict = { type: 'version_conflict_engine_exception', reason: 'current version [7] is higher' };
const answer = (...items: [operation: string, status: number, error?: unknown][]) =>
  json(200, {
    errors: items.some(([, , error]) => error !== undefined),
    items: items.map(([operation, status, error]) => ({ [operation]: { status, ...(error === undefined ? {} : { error }) } })),
  });

describe('ids of the user', () => {
  it('that are there already count as delivered, with a warning now and then', async () => {
    await open({ id: '{{ id }}' });
    server.answers = [answer(['create', 409, conflict], ['create', 201])];
    expect(await outcomesOf(['{"id":1}', '{"id":2}'])).toEqual(['duplicate', 'delivered']);
    expect(await outcomesOf(['{"id":1}', '{"id":3}'])).toEqual(['duplicate', 'delivered']);
    expect(log.warnings).toEqual([expect.stringContaining('documents were there already under the ids of 1 records')]);
    await clock.advance(60_000);
    await outcomesOf(['{"id":1}', '{"id":3}']);
    expect(log.warnings).toEqual([expect.anything(), expect.stringContaining('the ids of 2 records')]);
  });

  it('with an older version count as delivered, without a word', async () => {
    await open({ id: '{{ id }}', operation: 'index', version: '{{ v }}' });
    server.answers = [answer(['index', 409, conflict], ['index', 200])];
    expect(await outcomesOf(['{"id":1,"v":3}', '{"id":2,"v":3}'])).toEqual(['duplicate', 'delivered']);
    expect(log.warnings).toEqual([]);
    expect(actionsOf(server.bulks[0] as never)[0]?.meta).toEqual({ _id: '1', version: 3, version_type: 'external' });
  });

  it('are updated again when somebody else was faster, and refused where they are missing and not made', async () => {
    await open({ id: '{{ id }}', operation: 'update', upsert: false });
    server.answers = [
      answer(['update', 409, conflict], ['update', 404, { type: 'document_missing_exception', reason: '[2]: document missing' }]),
    ];
    expect(await outcomesOf(['{"id":1}', '{"id":2}'])).toEqual(['retry ES_CONFLICT', 'rejected ES_DOCUMENT_MISSING']);
  });

  it('are deleted, also where there was nothing to delete', async () => {
    await open({ id: '{{ $key }}', tombstones: 'delete', operation: 'index' });
    const missing = { type: 'index_not_found_exception', reason: 'no such index [a]' };
    server.answers = [answer(['delete', 200], ['delete', 404], ['delete', 404, missing], ['index', 404, missing])];
    expect(await outcomesOf([null, null, null, '{}'])).toEqual(['delivered', 'delivered', 'delivered', 'retry ES_INDEX_MISSING']);
  });

  it('are the keys of the order in which records are delivered', async () => {
    await open({ id: '{{ id ?? $key }}', tombstones: 'delete' });
    const { records } = batchOf(['{"id":1}', '{"id":"1"}', null, 'x', '{"id":""}', '{"id":2}']);
    expect(keysOf(records)).toEqual(['1', '1', 'a\nkey', undefined, undefined, '2']);
    await sink.close();
    await open({ id: '{{ id }}' });
    expect(keysOf(batchOf([null]).records)).toEqual([undefined]);
  });
});

describe('derived ids', () => {
  it('have no order, and their conflicts are no news', async () => {
    await open({});
    expect(keysOf(new BatchBuilder(['t']).batch())).toBeUndefined();
    server.answers = [answer(['create', 409, conflict])];
    expect(await outcomesOf(['{}'])).toEqual(['duplicate']);
    expect(log.warnings).toEqual([]);
  });
});

describe('results of windows and joins', () => {
  const results: SentResult[] = [
    { value: '{"n":1}', id: 'w1', version: '4294967297' },
    { value: null, id: 'w2', version: '4294967298' },
    { value: '{"n":3}', id: 'j1' },
    { value: '{"n":4}' },
    { value: null },
  ];

  /** Sends the results; what was done with each, and what became of it. */
  async function sent(options: Record<string, unknown>): Promise<{ actions: unknown[]; outcomes: string[] }> {
    await open(options);
    const outcomes = new Outcomes(results.length);
    await sink.write(batchOfResults(results), outcomes, never);
    const actions = actionsOf(server.bulks[0] as never).map(({ operation, meta }) => [operation, meta]);
    return { actions, outcomes: results.map((_, i) => outcomes.of(i)) };
  }

  it('are documents under their ids, which a revision replaces and a withdrawal deletes', async () => {
    const { actions, outcomes } = await sent({});
    expect(actions).toEqual([
      ['index', { _id: 'w1', version: 4_294_967_297, version_type: 'external_gte' }],
      ['delete', { _id: 'w2', version: 4_294_967_298, version_type: 'external_gte' }],
      ['index', { _id: 'j1' }],
      ['create', { _id: 'id-3' }],
    ]);
    // What is no result and has no value cannot be a document.
    expect(outcomes[4]).toBe('rejected');
  });

  it('are so with fields added, and in an index by record', async () => {
    const { actions } = await sent({ ecs: ['host'], index: "a-{{ n ?? 'none' }}" });
    expect(actions.slice(0, 2)).toEqual([
      ['index', { _index: 'a-1', _id: 'w1', version: 4_294_967_297, version_type: 'external_gte' }],
      ['delete', { _index: 'a-none', _id: 'w2', version: 4_294_967_298, version_type: 'external_gte' }],
    ]);
  });

  it('are what the user says where the user says it', async () => {
    const created = await sent({ operation: 'create' });
    expect(created.actions).toEqual([0, 2, 3].map((i) => ['create', { _id: `id-${i}` }]));
    expect(created.outcomes[1]).toBe('rejected');
    await sink.close();
    server.bulks.length = 0;
    const named = await sent({ id: '{{ n }}', operation: 'index' });
    expect(named.actions).toEqual([1, 3, 4].map((n) => ['index', { _id: String(n) }]));
  });

  it('are created in a data stream, each as a document of its own', async () => {
    const { actions } = await sent({ index: undefined, data_stream: 'a-b-c' });
    expect(actions).toEqual([0, 2, 3].map((i) => ['create', { _id: `id-${i}` }]));
  });

  it('keep their order only where no version keeps it', async () => {
    await open({});
    expect(keysOf(batchOfResults(results).records)).toEqual([undefined, undefined, 'j1', undefined, undefined]);
    expect(keysOf(batchOfResults(results.slice(0, 2)).records)).toBeUndefined();
    expect(keysOf(batchOf(['{}']).records)).toBeUndefined();
  });

  it('that are older than what is there count as delivered', async () => {
    await open({});
    server.answers = [answer(['index', 409, conflict], ['delete', 409, conflict])];
    const outcomes = new Outcomes(2);
    await sink.write(batchOfResults(results.slice(0, 2)), outcomes, never);
    expect([outcomes.of(0), outcomes.of(1)]).toEqual(['duplicate', 'duplicate']);
    expect(log.warnings).toEqual([]);
  });
});

describe('an overload', () => {
  it.each([
    [429, 'es_rejected_execution_exception', true],
    [503, 'unavailable_shards_exception', true],
    [429, 'cluster_block_exception', false],
    [400, 'document_parsing_exception', false],
  ])('is %i %s: %s', async (status, type, overloaded) => {
    await open({});
    server.answers = [answer(['create', status, { type, reason: 'r' }])];
    const outcomes = new Outcomes(1);
    await sink.write(batchOf(['{}']), outcomes, never);
    expect(outcomes.overloaded).toBe(overloaded);
  });
});

it('rejects a record whose own choice of a pipeline is none, and waits for one that is the same for all', async () => {
  const missing = { type: 'illegal_argument_exception', reason: 'pipeline with id [x] does not exist' };
  server.answers = [answer(['create', 400, missing])];
  await open({ pipeline: '{{ p }}' });
  expect(await outcomesOf(['{"p":"x"}'])).toEqual(['rejected ES_DOCUMENT_REJECTED']);
  await sink.close();
  await open({ pipeline: 'x' });
  expect(await outcomesOf(['{}'])).toEqual(['retry ES_TARGET_UNFIT']);
});

it('sends what is the same for all records in the address', async () => {
  await open({ pipeline: 'geo', routing: 'r 1' });
  await outcomesOf(['{}']);
  expect(Object.fromEntries(server.bulks[0]?.url.searchParams ?? [])).toMatchObject({ pipeline: 'geo', routing: 'r 1' });
});

function keysOf(records: RecordBatch): readonly (string | undefined)[] | undefined {
  return sink.orderKeys?.(records);
}
