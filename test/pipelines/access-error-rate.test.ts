import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { actionsOf, FakeElasticsearch } from '../support/fake-elasticsearch.ts';
import { killAllProcesses } from '../support/processes.ts';
import { eventually } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';

const PIPELINE = fileURLToPath(new URL('../../pipelines/access-error-rate.yaml', import.meta.url));
const ACCESS_LOG = resolve('../shared/data/access/elastic_apache_logs.log');
const TIMEOUT = 120_000;
const EMBEDDED = ['--profile', 'embedded'];

let bench: Workbench;
let server: FakeElasticsearch;
beforeEach(async () => {
  bench = await Workbench.create([]);
  server = await new FakeElasticsearch().listen();
});
afterEach(async () => {
  await killAllProcesses();
  await server.close();
  await bench.dispose();
});

/** What a file of a test's own delivers to `name`.ndjson of a topic that another pipeline writes. */
const archive = (name: string, topic: string): string =>
  `pipeline: ${name}\ntopics: { ${topic}: { external: true } }\nsinks:\n  archive: { from: ${topic}, ndjson: ./${name}.ndjson }\n`;

async function recordsOf(name: string): Promise<JsonObject[]> {
  const text = await readFile(bench.path(`${name}.ndjson`), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}

const line = (time: string, path: string, status: number): string =>
  `10.1.2.3 - - [17/May/2026:${time} +0000] "GET ${path} HTTP/1.1" ${status} 100 "-" "-"`;

const lines = (count: number, time: string, path: string, status: number): string[] =>
  Array.from({ length: count }, () => line(time, path, status));

describe('access-error-rate.yaml', () => {
  it('counts requests and errors by path and minute, and alerts where too many fail', { timeout: TIMEOUT }, async () => {
    const log = [
      ...lines(18, '10:05:03', '/cart', 200),
      ...lines(2, '10:05:59', '/cart', 503),
      // Within the same five minutes, but in another minute; and one that comes 49 s after it is over.
      ...lines(3, '10:06:48', '/cart', 500),
      line('10:05:10', '/cart', 404),
      ...lines(29, '10:05:04', '/about', 200),
      line('10:05:05', '/about', 500),
      line('10:05:06', '/rare', 500),
    ];
    const logs = await bench.write('access.log', `${log.join('\n')}\n`);
    const alerts = await bench.write('alerts.yaml', archive('alerts', 'errors.alerts'));
    const run = bench.run([PIPELINE, alerts, '--once', ...EMBEDDED], { WEB_LOGS: logs, ELASTICSEARCH_URL: server.url });
    expect((await run.ended).code, run.stderr).toBe(0);

    const documents = new Map<unknown, JsonObject>();
    for (const { operation, meta, source } of server.bulks.flatMap(actionsOf)) {
      expect(operation).toBe('index');
      documents.set(meta['_id'], JSON.parse(source as string) as JsonObject);
    }
    const rates = [...documents.values()].map(({ url, window, requests, errors, error_rate: rate, bytes }) => {
      return [
        (url as JsonObject)['path'],
        ((window as JsonObject)['start'] as string).slice(11, 16),
        requests,
        errors,
        rate,
        bytes,
      ];
    });
    expect(rates.toSorted()).toEqual([
      ['/about', '10:05', 30, 1, 0.0333, 3000],
      ['/cart', '10:05', 21, 2, 0.0952, 2100],
      ['/cart', '10:06', 3, 3, 1, 300],
      ['/rare', '10:05', 1, 1, 1, 100],
    ]);
    const raised = await recordsOf('alerts');
    expect(raised).toMatchObject([
      {
        message: '5 of 24 requests for /cart failed',
        url: { path: '/cart' },
        window: { start: '2026-05-17T10:05:00.000Z', end: '2026-05-17T10:10:00.000Z' },
        error_rate: 0.2083,
      },
    ]);
  });
});

const HOURS = `pipeline: hours
topics: { raw: { partitions: 4 }, hours: {} }
sources:
  access: { file: ${ACCESS_LOG}, to: raw }
streams:
  count:
    from: raw
    wait: 60s
    steps:
      - parse: apache_combined
      - window: { tumbling: 1h, compute: { requests: count(), bytes: sum(http.response.body.bytes) } }
    to: hours
sinks:
  results: { from: hours, ndjson: ./hours.ndjson }
`;

/** Requests and bytes of each hour, counted from the lines as they are. */
function hoursOf(text: string): Map<string, { requests: number; bytes: number }> {
  const hours = new Map<string, { requests: number; bytes: number }>();
  const shape = /^\S+ \S+ \S+ \[(\d\d)\/May\/2015:(\d\d):\d\d:\d\d \+0000\] "[^"]*" \d{3} (\d+|-) "[^"]*" "[^"]*"$/;
  for (const match of text.split('\n').map((each) => shape.exec(each))) {
    if (match === null) continue;
    const [, day, hour, bytes] = match;
    const start = `2015-05-${day}T${hour}:00:00.000Z`;
    const before = hours.get(start) ?? { requests: 0, bytes: 0 };
    hours.set(start, { requests: before.requests + 1, bytes: before.bytes + (bytes === '-' ? 0 : Number(bytes)) });
  }
  return hours;
}

describe.skipIf(!existsSync(ACCESS_LOG))('windows over 10,000 real lines, of which 9,447 are older than one before them', () => {
  it('give the hourly counts of a batch computation', { timeout: TIMEOUT }, async () => {
    const run = bench.run([await bench.write('hours.yaml', HOURS), '--once', ...EMBEDDED]);
    expect((await run.ended).code, run.stderr).toBe(0);
    const results = await recordsOf('hours');
    const counted = new Map(
      results.map(({ window, requests, bytes }) => [(window as JsonObject)['start'] as string, { requests, bytes }]),
    );
    const expected = hoursOf(readFileSync(ACCESS_LOG, 'utf8'));
    expect([...expected.values()].reduce((sum, { requests }) => sum + requests, 0)).toBe(9_999);
    expect(counted).toEqual(expected);
    expect(results).toHaveLength(expected.size);
  });

  it('have none of them late, with wait: 60s', { timeout: TIMEOUT }, async () => {
    const run = bench.run([
      await bench.write('hours.yaml', HOURS),
      ...EMBEDDED,
      ...['-s', 'admin.enabled=true', '-s', 'admin.port=0'],
    ]);
    const [, address = ''] = await run.waitForOutput(/health and metrics at (http:\/\/[\d.:]+)/);
    const outcomes = await eventually(
      async () => {
        const found = outcomesOf(await (await fetch(`${address}/metrics`)).text());
        return (found['pairs'] ?? 0) >= 9_999 && found;
      },
      { what: 'all lines in windows', timeout: 60_000 },
    );
    expect(outcomes).toEqual({ pairs: 9_999, assigned: 9_999, late_kept: 0, late_routed: 0, late_dropped: 0, gap_dropped: 0 });
    expect((await run.stop()).code).toBe(0);
  });
});

/** The pairs of records and windows of the stage that takes them in, and what became of them. */
function outcomesOf(metrics: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, name, labels = '', value] of metrics.matchAll(/^millrace_window_(\w+)_total\{(.*)\} (\d+)$/gm)) {
    if (!labels.includes('component="count"')) continue;
    found[/outcome="(\w+)"/.exec(labels)?.[1] ?? (name as string)] = Number(value);
  }
  return found;
}
