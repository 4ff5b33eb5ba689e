import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElasticsearchSink } from '../../test/support/elasticsearch-sink.ts';
import { FakeElasticsearch, json, type SeenRequest } from '../../test/support/fake-elasticsearch.ts';
import { contextWith } from '../../test/support/sink-batches.ts';

const never = new AbortController().signal;
const template = { name: 'logs-access', body: { index_patterns: ['logs-access-*'], data_stream: {} } };
const ilm = { name: 'logs-30d', body: { policy: { phases: { delete: { min_age: '30d', actions: { delete: {} } } } } } };
let server: FakeElasticsearch;
/** What the server has, by path. */
let stored: Map<string, string>;

beforeEach(async () => {
  server = await new FakeElasticsearch().listen();
  stored = new Map();
  server.onOther = (request, response) => {
    const { pathname } = request.url;
    if (request.method === 'PUT') stored.set(pathname, request.body);
    const found = stored.has(pathname);
    json(found ? 200 : 404, found ? { acknowledged: true } : { error: { type: 'resource_not_found_exception' } })(
      request,
      response,
    );
  };
});

afterEach(() => server.close());

async function open(options: Record<string, unknown>, context = contextWith()): Promise<void> {
  const sink = createElasticsearchSink({ nodes: [server.url], index: 'logs-access', ...options }, context);
  try {
    await sink.open(never);
  } finally {
    await sink.close();
  }
}

const asked = (): string[] =>
  server.others.filter(({ url }) => !url.pathname.endsWith('_bulk')).map((one) => describeRequest(one));
const describeRequest = ({ method, url }: SeenRequest): string => `${method} ${url.pathname}`;

describe('installing', () => {
  it('puts the policy and then the template before anything is delivered', async () => {
    await open({ template, ilm });
    expect(asked()).toEqual([
      'GET /_ilm/policy/logs-30d',
      'PUT /_ilm/policy/logs-30d',
      'GET /_index_template/logs-access',
      'PUT /_index_template/logs-access',
    ]);
    expect(JSON.parse(stored.get('/_ilm/policy/logs-30d') as string)).toEqual(ilm.body);
    expect(JSON.parse(stored.get('/_index_template/logs-access') as string)).toEqual(template.body);
  });

  it('leaves alone what is there, unless it is to be replaced', async () => {
    stored.set('/_index_template/logs-access', 'mine');
    await open({ template });
    expect(stored.get('/_index_template/logs-access')).toBe('mine');
    await open({ template: { ...template, overwrite: true } });
    expect(JSON.parse(stored.get('/_index_template/logs-access') as string)).toEqual(template.body);
  });

  it('does nothing where the destination is only looked at', async () => {
    await open({ template, ilm }, { ...contextWith(), probing: true });
    expect(asked()).toEqual([]);
  });

  it('says clearly that the server has no lifecycle management', async () => {
    const answers = [
      json(400, { error: 'no handler found for uri [/_ilm/policy/logs-30d] and method [GET]' }),
      json(405, {
        error: 'Incorrect HTTP method for uri [/_ilm/policy/logs-30d] and method [GET], allowed: [POST]',
        status: 405,
      }),
      json(410, { error: { type: 'api_not_available_exception', reason: 'not available when running in serverless mode' } }),
    ];
    for (const answer of answers) {
      server.onOther = answer;
      await expect(open({ ilm })).rejects.toMatchObject({
        code: 'ES_NO_ILM',
        message: expect.stringMatching(
          /^installing the lifecycle policy logs-30d at Elasticsearch: this server has no index lifecycle/,
        ),
      });
    }
  });

  it.each([
    [
      400,
      { error: { type: 'parsing_exception', reason: 'unknown key [x]' } },
      'ES_INSTALL',
      'parsing_exception: unknown key [x]',
    ],
    [403, { error: { type: 'security_exception', reason: 'unauthorized' } }, 'ES_INSTALL', 'manage_index_templates'],
    [401, { error: { type: 'security_exception', reason: 'who?' } }, 'ES_UNAUTHORIZED', 'who?'],
    [503, {}, 'ES_INSTALL', 'status 503'],
  ])('says why the server refuses (%i)', async (status, body, code, text) => {
    server.onOther = json(status, body);
    await expect(open({ template })).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it('reads a file, and says what is wrong with it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-template-'));
    try {
      const file = join(directory, 'template.json');
      const withFile = { template: { name: 'logs-access', file } };
      await expect(open(withFile)).rejects.toMatchObject({ code: 'ES_INSTALL', message: expect.stringContaining('ENOENT') });
      for (const [text, reason] of [
        ['{"a":', 'it is no JSON'],
        ['[]', 'it holds no JSON object'],
      ]) {
        await writeFile(file, text as string);
        await expect(open(withFile)).rejects.toMatchObject({
          code: 'ES_INSTALL',
          message: expect.stringContaining(reason as string),
        });
      }
      await writeFile(file, JSON.stringify(template.body));
      await open(withFile);
      expect(JSON.parse(stored.get('/_index_template/logs-access') as string)).toEqual(template.body);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
