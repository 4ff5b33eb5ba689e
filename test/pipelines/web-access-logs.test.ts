import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { type PipelineRun, runPipeline } from '../support/run-pipeline.ts';
import { Workbench } from '../support/workbench.ts';

const ACCESS_LOG = resolve('../shared/data/access/elastic_apache_logs.log');
const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(() => bench.dispose());

const run = (path: string): Promise<PipelineRun> =>
  runPipeline('web-access-logs.yaml', { variables: { WEB_LOGS: path }, now: Date.UTC(2026, 4, 18) });

describe('web-access-logs.yaml', () => {
  it('reads lines into fields, and leaves questions for health out of the index', async () => {
    const head = '10.1.2.3 - ann [17/May/2026:10:05:03 +0200]';
    const lines = [
      `${head} "GET /a?b=c HTTP/1.1" 502 612 "https://example.org/" "${CHROME}"`,
      `${head} "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.30"`,
      `${head} "GET / HTTP/1.1" 200 2 "-" "-"`,
    ];
    const path = await bench.write('access.log', `${lines.join('\n')}\n`);
    const { topics, sinks, dead } = await run(path);
    const common = {
      '@timestamp': '2026-05-17T08:05:03.000Z',
      host: { name: 'web-1' },
      source: { address: '10.1.2.3', ip: '10.1.2.3' },
      user: { name: 'ann' },
      labels: { env: 'production' },
    };
    expect(dead).toEqual([]);
    expect(topics.get('web.events')).toHaveLength(3);
    expect(sinks.get('search')).toEqual([
      {
        ...common,
        log: { file: { path }, offset: 0 },
        http: {
          version: '1.1',
          request: { method: 'GET', referrer: 'https://example.org/' },
          response: { status_code: 502, body: { bytes: 612 } },
        },
        url: { original: '/a?b=c', path: '/a', query: 'b=c' },
        user_agent: {
          original: CHROME,
          name: 'Chrome',
          version: '124.0.0.0',
          os: { name: 'Windows', version: '10', full: 'Windows 10' },
        },
        event: { original: lines[0], outcome: 'failure' },
      },
      {
        ...common,
        log: { file: { path }, offset: `${lines[0]}\n${lines[1]}\n`.length },
        http: { version: '1.1', request: { method: 'GET' }, response: { status_code: 200, body: { bytes: 2 } } },
        url: { original: '/', path: '/' },
        event: { original: lines[2], outcome: 'success' },
      },
    ]);
  });
});

describe.skipIf(!existsSync(ACCESS_LOG))('web-access-logs.yaml on 10,000 real lines', () => {
  it('reads all but the one that is broken', async () => {
    const { sinks, dead } = await run(ACCESS_LOG);
    const lines = readFileSync(ACCESS_LOG, 'utf8').trimEnd().split('\n');
    const documents = sinks.get('search') as JsonObject[];
    expect(documents).toHaveLength(9_999);
    expect(dead).toMatchObject([{ task: 'parse', step: 'parse-1', code: 'PARSE_FAILED', value: { message: lines[8_898] } }]);

    const failures = documents.filter(({ event }) => (event as JsonObject)['outcome'] === 'failure');
    expect(failures).toHaveLength(lines.filter((line) => / HTTP\/1\.\d" 5\d\d /.test(line)).length);
    const named = documents.filter(
      ({ user_agent: agent }) => String((agent as JsonObject | undefined)?.['name']) === 'Googlebot',
    );
    expect(named).toHaveLength(lines.filter((line) => /"[^"]*Googlebot[^"]*"$/.test(line)).length);
  });
});
