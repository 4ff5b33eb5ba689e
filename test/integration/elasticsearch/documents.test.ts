import { randomBytes } from 'node:crypto';
import { Outcomes, type Sink } from 'millrace/sdk';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { allDocuments, call, deleteIndex } from '../../support/elasticsearch.ts';
import { createElasticsearchSink } from '../../support/elasticsearch-sink.ts';
import { batchOf, batchOfResults, type SentResult } from '../../support/sink-batches.ts';

const url = process.env['MILLRACE_TEST_ELASTICSEARCH'] ?? 'http://127.0.0.1:19200';
const prefix = `documents-test-${randomBytes(4).toString('hex')}`;
const never = new AbortController().signal;
const sinks: Sink[] = [];
const indices = new Set<string>();

async function openSink(name: string, options: Record<string, unknown>): Promise<Sink> {
  const index = `${prefix}-${name}`;
  if (!indices.has(index)) {
    indices.add(index);
    await call(url, 'PUT', `/${index}`, { settings: { number_of_replicas: 0, number_of_shards: 2 } });
  }
  const sink = createElasticsearchSink({ nodes: [url], index, ...options });
  sinks.push(sink);
  await sink.open(never);
  return sink;
}

async function outcomesOf(sink: Sink, values: readonly (string | null)[]): Promise<string[]> {
  const outcomes = new Outcomes(values.length);
  await sink.write(batchOf(values), outcomes, never);
  return values.map((_, i) => [outcomes.of(i), outcomes.errorOf(i)?.code].filter((part) => part !== undefined).join(' '));
}

async function documents(name: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { _id, _source } of allDocuments(url, `${prefix}-${name}`)) found[_id] = _source;
  return found;
}

afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
});

afterAll(async () => {
  for (const index of indices) await deleteIndex(url, index);
});

describe('documents with ids of the user', () => {
  it('are created, replaced, changed and deleted, each record as it says', async () => {
    const sink = await openSink('operations', { id: '{{ id }}', operation: '{{ op }}' });
    const first = ['{"id":"ä","op":"create","n":1}', '{"id":2,"op":"index","n":1}', '{"id":3,"op":"update","n":1,"kept":1}'];
    expect(await outcomesOf(sink, first)).toEqual(['delivered', 'delivered', 'delivered']);
    const second = [
      '{"id":"ä","op":"create","n":2}',
      '{"id":2,"op":"delete"}',
      '{"id":3,"op":"update","n":2}',
      '{"id":4,"op":"delete"}',
    ];
    expect(await outcomesOf(sink, second)).toEqual(['duplicate', 'delivered', 'delivered', 'delivered']);
    expect(await documents('operations')).toEqual({
      ä: { id: 'ä', op: 'create', n: 1 },
      3: { id: 3, op: 'update', n: 2, kept: 1 },
    });
  });

  it('that are missing are no update, where none may be made', async () => {
    const sink = await openSink('strict', { id: '{{ id }}', operation: 'update', upsert: false });
    expect(await outcomesOf(sink, ['{"id":1}'])).toEqual(['rejected ES_DOCUMENT_MISSING']);
  });

  it('keep the newest version, in whatever order versions come', async () => {
    const options = { id: '{{ id }}', operation: "{{ gone ? 'delete' : 'index' }}", version: '{{ v }}' };
    const sink = await openSink('versions', options);
    const values = ['{"id":1,"v":5}', '{"id":2,"v":1}', '{"id":3,"v":9,"gone":true}'];
    expect(await outcomesOf(sink, values)).toEqual(['delivered', 'delivered', 'delivered']);
    const late = ['{"id":1,"v":4}', '{"id":2,"v":1}', '{"id":3,"v":8}'];
    expect(await outcomesOf(sink, late)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await documents('versions')).toEqual({ 1: { id: 1, v: 5 }, 2: { id: 2, v: 1 } });
    const gte = await openSink('versions', { ...options, version_type: 'external_gte' });
    expect(await outcomesOf(gte, ['{"id":2,"v":1,"n":2}'])).toEqual(['delivered']);
    expect(await documents('versions')).toMatchObject({ 2: { n: 2 } });
  });

  it('are deleted by tombstones', async () => {
    const sink = await openSink('tombstones', { id: '{{ $key }}', operation: 'index', tombstones: 'delete' });
    expect(await outcomesOf(sink, ['{"n":1}'])).toEqual(['delivered']);
    expect(await documents('tombstones')).toEqual({ 'a\nkey': { n: 1 } });
    expect(await outcomesOf(sink, [null])).toEqual(['delivered']);
    expect(await documents('tombstones')).toEqual({});
  });
});

describe('results of windows', () => {
  it('are revised and withdrawn, in whatever order they come, and sent again', async () => {
    const sink = await openSink('results', {});
    const write = async (...results: SentResult[]): Promise<string[]> => {
      const outcomes = new Outcomes(results.length);
      await sink.write(batchOfResults(results), outcomes, never);
      return results.map((_, i) => outcomes.of(i));
    };
    const revision = (n: number, value: string | null = `{"n":${n}}`): SentResult => ({ value, id: 'w', version: String(n) });
    expect(await write(revision(1), revision(2), { value: '{"n":0}', id: 'v', version: '0' })).toEqual(
      Array(3).fill('delivered'),
    );
    expect(await documents('results')).toEqual({ w: { n: 2 }, v: { n: 0 } });
    // An older one changes nothing; the same again, and another early result of the same window, replace what is there.
    expect(await write(revision(1))).toEqual(['duplicate']);
    expect(await write(revision(2), { value: '{"n":5}', id: 'v', version: '0' })).toEqual(['delivered', 'delivered']);
    expect(await documents('results')).toEqual({ w: { n: 2 }, v: { n: 5 } });
    expect(await write(revision(3, null))).toEqual(['delivered']);
    expect(await write(revision(2))).toEqual(['duplicate']);
    expect(await documents('results')).toEqual({ v: { n: 5 } });
    // Those of a generation raised by `reset` replace those before it.
    expect(await write({ value: '{"n":7}', id: 'v', version: '4294967297' })).toEqual(['delivered']);
    expect(await write({ value: '{"n":6}', id: 'v', version: '1' })).toEqual(['duplicate']);
    expect(await documents('results')).toEqual({ v: { n: 7 } });
  });
});

describe('routing and pipelines', () => {
  it('are known to the server', async () => {
    const pipeline = `${prefix}-nothing`;
    await call(url, 'PUT', `/_ingest/pipeline/${pipeline}`, { processors: [] });
    try {
      const sink = await openSink('routed', { routing: '{{ r }}', pipeline: '{{ p }}' });
      expect(await outcomesOf(sink, [`{"r":"x","p":"${pipeline}"}`, '{"p":"no-such-pipeline"}', '{}'])).toEqual([
        'delivered',
        'rejected ES_DOCUMENT_REJECTED',
        'delivered',
      ]);
      const constant = await openSink('routed', { routing: 'x', pipeline });
      expect(await outcomesOf(constant, ['{"r":"x"}'])).toEqual(['duplicate']);
    } finally {
      await call(url, 'DELETE', `/_ingest/pipeline/${pipeline}`);
    }
  });
});

describe('fields of the Elastic Common Schema', () => {
  it('are added where they are absent', async () => {
    const sink = await openSink('ecs', { ecs: ['host', 'agent', 'event.ingested'] });
    expect(await outcomesOf(sink, ['{"event":{"kind":"event"},"big":12345678901234567}', '{}'])).toEqual([
      'delivered',
      'delivered',
    ]);
    expect(await documents('ecs')).toMatchObject({
      'id-0': {
        event: { kind: 'event', ingested: expect.stringMatching(/Z$/) },
        agent: { name: 'millrace' },
        host: { name: 'host-1' },
      },
      'id-1': { event: { ingested: expect.stringMatching(/Z$/) } },
    });
  });
});

describe('what is installed', () => {
  it('is there when the sink opens, and is left alone when it opens again', async () => {
    const name = `${prefix}-template`;
    const body = (shards: number) => ({
      index_patterns: [`${prefix}-installed*`],
      priority: 950,
      template: { settings: { number_of_shards: shards, number_of_replicas: 0 } },
    });
    const shardsOf = async (): Promise<unknown> => {
      const path = `/_index_template/${name}?filter_path=**.number_of_shards`;
      const { index_templates: found } = await call<{ index_templates: { index_template: { template: unknown } }[] }>(
        url,
        'GET',
        path,
      );
      return found[0]?.index_template.template;
    };
    const installed = { index: `${prefix}-installed`, template: { name, body: body(2) } };
    const sink = await openSink('operations', installed);
    indices.add(`${prefix}-installed`);
    expect(await outcomesOf(sink, ['{"n":1}'])).toEqual(['delivered']);
    expect(await shardsOf()).toEqual({ settings: { index: { number_of_shards: '2' } } });
    await openSink('operations', { ...installed, template: { name, body: body(3) } });
    expect(await shardsOf()).toEqual({ settings: { index: { number_of_shards: '2' } } });
    await openSink('operations', { ...installed, template: { name, body: body(3), overwrite: true } });
    expect(await shardsOf()).toEqual({ settings: { index: { number_of_shards: '3' } } });
    await call(url, 'DELETE', `/_index_template/${name}`);
  });

  it('cannot be a lifecycle policy on this server, which says so', async () => {
    const ilm = { name: 'logs-30d', body: { policy: { phases: {} } } };
    await expect(openSink('operations', { ilm })).rejects.toMatchObject({ code: 'ES_NO_ILM' });
  });
});
