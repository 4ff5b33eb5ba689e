import { randomBytes } from 'node:crypto';
import { Client, type estypes } from '@elastic/elasticsearch';
import { type ErrorCode, Outcomes, type Sink } from 'millrace/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createElasticsearchSink } from '../../support/elasticsearch-sink.ts';
import { batchOf } from '../../support/sink-batches.ts';

const url = process.env['MILLRACE_TEST_ELASTICSEARCH'] ?? 'http://127.0.0.1:19200';
const prefix = `sink-test-${randomBytes(4).toString('hex')}`;
/** The same in every run: this distribution can neither delete a data stream nor the template of one. */
const stream = 'sink-test-stream';
const client = new Client({ node: url });
const never = new AbortController().signal;
const sinks: Sink[] = [];

async function openSink(options: Record<string, unknown>): Promise<Sink> {
  const sink = createElasticsearchSink({ nodes: [url], ...options });
  sinks.push(sink);
  await sink.open(never);
  return sink;
}

/** Writes values, and gives each record's outcome with the code of its error. */
async function outcomesOf(sink: Sink, values: readonly string[], id?: (i: number) => string): Promise<string[]> {
  const outcomes = new Outcomes(values.length);
  await sink.write(batchOf(values, id), outcomes, never);
  if (outcomes.refusal) return [`refused ${outcomes.refusal.code}`];
  return values.map((_, i) => [outcomes.of(i), outcomes.errorOf(i)?.code].filter((part) => part !== undefined).join(' '));
}

async function documents(index: string): Promise<Record<string, unknown>> {
  await client.indices.refresh({ index });
  const { hits } = await client.search({ index, size: 1000 });
  return Object.fromEntries(hits.hits.map(({ _id, _source }) => [_id, _source]));
}

/** Makes an index with one field `n` of type long. */
async function typedIndex(name: string, settings: estypes.IndicesIndexSettings = {}): Promise<string> {
  const index = `${prefix}-${name}`;
  await client.indices.create({
    index,
    mappings: { properties: { n: { type: 'long' } } },
    settings: { number_of_replicas: 0, ...settings },
  });
  return index;
}

beforeAll(async () => {
  await client.indices.putIndexTemplate({
    name: stream,
    index_patterns: [stream],
    data_stream: {},
    priority: 900,
    template: { settings: { number_of_replicas: 0 } },
  });
});

afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
});

afterAll(async () => {
  const made = Object.keys(await client.indices.get({ index: `${prefix}*`, expand_wildcards: 'all' }));
  if (made.length > 0) await client.indices.delete({ index: made });
  await client.close();
});

describe('documents', () => {
  it('are created once, however often they are sent', async () => {
    const index = await typedIndex('once');
    const sink = await openSink({ index });
    const values = ['{"n":1,"text":"ä \\n"}', '{\n "n": 12345678901234567\n}'];
    expect(await outcomesOf(sink, values)).toEqual(['delivered', 'delivered']);
    expect(await outcomesOf(sink, [...values, '{"n":3}'])).toEqual(['duplicate', 'duplicate', 'delivered']);
    expect(await documents(index)).toMatchObject({ 'id-0': { n: 1, text: 'ä \n' }, 'id-2': { n: 3 } });
  });

  it('that do not fit are rejected with the reason, and nothing beside them is', async () => {
    const index = await typedIndex('mapping');
    const sink = await openSink({ index });
    const outcomes = new Outcomes(7);
    const values = [
      '{"n":1}',
      '{"n":"many"}',
      '{"n":2',
      '{"n":1,"n":2}',
      '{"n":3} {"n":4}',
      `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`,
      '{"n":5}',
    ];
    await sink.write(batchOf(values), outcomes, never);
    expect(values.map((_, i) => outcomes.of(i))).toEqual([
      'delivered',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'delivered',
    ]);
    expect(outcomes.errorOf(1)).toEqual({
      code: 'ES_DOCUMENT_REJECTED',
      message: expect.stringMatching(
        /^indexing the document into .*: document_parsing_exception: .*field \[n\] of type \[long\].*, caused by illegal_argument_exception: For input string: "many"$/,
      ),
    });
    expect(Object.keys(await documents(index)).sort()).toEqual(['id-0', 'id-6']);
  });

  it('go to an index by record, and only a record with a bad name is rejected', async () => {
    const sink = await openSink({ index: '{{ to }}' });
    const names = [`${prefix}-by-a`, `${prefix}-by-ü`, 'No Name', `${prefix}-by-a`];
    expect(
      await outcomesOf(
        sink,
        names.map((to) => JSON.stringify({ to })),
      ),
    ).toEqual(['delivered', 'delivered', 'rejected ES_INDEX_NAME', 'delivered']);
    expect(Object.keys(await documents(`${prefix}-by-a`)).sort()).toEqual(['id-0', 'id-3']);
    expect(Object.keys(await documents(`${prefix}-by-ü`))).toEqual(['id-1']);
  });

  it('arrive compressed as well, and from many writes at once', async () => {
    const index = await typedIndex('many');
    const sink = await openSink({ index, compression: true });
    const writes = Array.from({ length: 8 }, (_, w) =>
      outcomesOf(
        sink,
        Array.from({ length: 100 }, (_, i) => `{"n":${w * 100 + i}}`),
        (i) => `w${w}-${i}`,
      ),
    );
    expect(new Set((await Promise.all(writes)).flat())).toEqual(new Set(['delivered']));
    const found = Object.values(await documents(index)).map((source) => (source as { n: number }).n);
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 800 }, (_, i) => i));
  });
});

describe('a request', () => {
  it('with an id over 512 bytes is refused whole, and halving it finds the record', async () => {
    const index = await typedIndex('long-id');
    const sink = await openSink({ index });
    const id = (i: number): string => (i === 1 ? 'x'.repeat(513) : `id-${i}`);
    expect(await outcomesOf(sink, ['{"n":0}', '{"n":1}'], id)).toEqual(['refused ES_REQUEST_REFUSED']);
    expect(await outcomesOf(sink, ['{"n":0}'], id)).toEqual(['delivered']);
    expect(Object.keys(await documents(index))).toEqual(['id-0']);
  });
});

describe('a target that an operator has to mend makes records wait', () => {
  async function expectWait(index: string, code: ErrorCode, mend: () => Promise<unknown>): Promise<void> {
    const sink = await openSink({ index });
    expect(await outcomesOf(sink, ['{"n":1}', '{"n":2}'])).toEqual([`retry ${code}`, `retry ${code}`]);
    await mend();
    expect(await outcomesOf(sink, ['{"n":1}', '{"n":2}'])).toEqual(['delivered', 'delivered']);
  }

  it('where it is closed', async () => {
    const index = await typedIndex('closed');
    await client.indices.close({ index });
    await expectWait(index, 'ES_INDEX_CLOSED', () => client.indices.open({ index }));
  });

  it.each(['write', 'read_only_allow_delete'] as const)('where it is blocked (%s)', async (block) => {
    const index = await typedIndex(`block-${block}`);
    const setBlock = (on: boolean | null): Promise<unknown> =>
      client.indices.putSettings({ index, settings: { [`index.blocks.${block}`]: on } });
    await setBlock(true);
    await expectWait(index, 'ES_BLOCKED', () => setBlock(null));
  });

  it('where an alias has no write index', async () => {
    const [a, b] = [await typedIndex('alias-1'), await typedIndex('alias-2')];
    const alias = `${prefix}-alias`;
    await client.indices.putAlias({ index: [a, b], name: alias });
    await expectWait(alias, 'ES_TARGET_UNFIT', () => client.indices.putAlias({ index: a, name: alias, is_write_index: true }));
  });
});

describe('a data stream', () => {
  it('takes documents with @timestamp, each once, and rejects those without', async () => {
    const sink = await openSink({ data_stream: stream });
    const values = ['{"@timestamp":"2026-01-01T00:00:00Z","n":1}', '{"n":2}', '{"@timestamp":"soon"}'];
    const id = (i: number): string => `${prefix}-${i}`;
    const outcomes = new Outcomes(3);
    await sink.write(batchOf(values, id), outcomes, never);
    expect([0, 1, 2].map((i) => [outcomes.of(i), outcomes.errorOf(i)?.code])).toEqual([
      ['delivered', undefined],
      ['rejected', 'ES_TIMESTAMP_MISSING'],
      ['rejected', 'ES_DOCUMENT_REJECTED'],
    ]);
    expect(outcomes.errorOf(1)?.message).toContain('needs @timestamp, which the timestamp step or a parser sets');
    expect(await outcomesOf(sink, values.slice(0, 1), id)).toEqual(['duplicate']);
    const state = Object.values(await client.indices.get({ index: stream }));
    expect(state.map(({ data_stream }) => data_stream)).toEqual([stream]);
  });

  it('without a template is waited for, not made a plain index', async () => {
    const name = `${prefix}-untemplated`;
    const sink = await openSink({ data_stream: name });
    expect(await outcomesOf(sink, ['{"@timestamp":"2026-01-01T00:00:00Z"}'])).toEqual(['retry ES_NO_DATA_STREAM']);
    expect(await client.indices.exists({ index: name })).toBe(false);
  });

  it('whose name a plain index has is waited for', async () => {
    const name = await typedIndex('plain');
    const sink = await openSink({ data_stream: name });
    expect(await outcomesOf(sink, ['{"@timestamp":"2026-01-01T00:00:00Z"}'])).toEqual(['retry ES_NO_DATA_STREAM']);
  });
});

describe('probe', () => {
  it('shows the health of the cluster', async () => {
    const sink = await openSink({ index: `${prefix}-probe` });
    expect(await sink.probe?.(never)).toMatch(/^answers, (version 8\S+, )?cluster \S+ is (green|yellow), nodes: 1$/);
    expect(await client.indices.exists({ index: `${prefix}-probe` })).toBe(false);
  });
});
