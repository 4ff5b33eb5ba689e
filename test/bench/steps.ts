/**
 * Prints what steps cost, in ns of CPU time a record: first what takes no record apart (the program's own loop), then
 * each step, less decoding. Compile first (`npx tsc -p test/bench`), then run `node dist/test/bench/steps.js` from the
 * project's root.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { StepDefinition } from '../../src/sdk/step.ts';
import { steps } from '../../src/steps/index.ts';
import { type Emitter, Program } from '../../src/stream/program.ts';
import { mmdb } from '../support/mmdb.ts';
import { stepContext } from '../support/run-step.ts';

const RECORDS = 20_000;
const ROUNDS = 10;
const NS_PER_US = 1000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const MESSAGE =
  '83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /presentations/logstash/images/kibana-search.png HTTP/1.1" 200 203023 "http://example.org/presentations/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"';

const recordValue = (i: number): JsonObject => ({
  '@timestamp': '2015-05-17T10:05:03.000Z',
  message: `${MESSAGE} ${i}`,
  source: { ip: `83.149.${i % 250}.${(i >> 4) % 250}`, address: 'h' },
  http: { request: { method: 'GET' }, response: { status_code: String(200 + (i % 5)), body: { bytes: String(i) } } },
  customer: { id: i % 1_000 },
  items: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }],
});

/** Best of the rounds, in ns of this process's CPU time a record, collection of garbage included. */
function measure(texts: readonly string[], work: (value: JsonObject) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const values = texts.map((text) => JSON.parse(text) as JsonObject);
    const begin = process.cpuUsage();
    for (const value of values) work(value);
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, ((user + system) * NS_PER_US) / values.length);
  }
  return best;
}

const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
const city = join(directory, 'city.mmdb');
const place = {
  city: { names: { en: 'Moscow' } },
  country: { iso_code: 'RU', names: { en: 'Russia' } },
  location: { latitude: 55.75, longitude: 37.61, time_zone: 'Europe/Moscow' },
};
writeFileSync(city, mmdb({ '83.149.0.0/16': place }));
const table = join(directory, 'customers.csv');
writeFileSync(table, `id,tier,region\n${Array.from({ length: 1_000 }, (_, i) => `${i},gold,eu`).join('\n')}`);

const cases: readonly (readonly [kind: string, name: string, options: unknown])[] = [
  ['convert', 'convert, 2 fields', { fields: { 'http.response.status_code': 'integer', 'http.response.body.bytes': 'integer' } }],
  ['keep', 'keep, 3 paths', { fields: ['@timestamp', 'message', 'http.response.status_code'] }],
  ['keep', 'keep, with a glob', { fields: ['@timestamp', 'http.*.status_code'] }],
  ['flatten', 'flatten', {}],
  ['redact', 'redact, card', { patterns: ['card'] }],
  ['redact', 'redact, email', { patterns: ['email'] }],
  ['redact', 'redact, iban', { patterns: ['iban'] }],
  ['redact', 'redact, ipv4 (found)', { patterns: ['ipv4'] }],
  ['redact', 'redact, ipv6', { patterns: ['ipv6'] }],
  ['redact', 'redact, token', { patterns: ['token'] }],
  ['redact', 'redact, all, one field', { patterns: ['card', 'email', 'iban', 'ipv6', 'token'], fields: ['message'] }],
  ['geoip', 'geoip, 4,000 addresses', { databases: city }],
  ['geoip', 'geoip, nothing remembered', { databases: city, cache_size: 1 }],
  ['lookup', 'lookup, 2 fields', { file: table, field: 'customer.id', into: 'customer' }],
  ['split', 'split, 4 parts', { field: 'items' }],
];

const texts = Array.from({ length: RECORDS }, (_, i) => JSON.stringify(recordValue(i)));
const context = stepContext('bench', { clock: systemClock });

function batchOf(): ReturnType<BatchBuilder['batch']> {
  const builder = new BatchBuilder(['t']);
  for (const text of texts) {
    builder.begin(0, 0, 0);
    builder.value(text);
  }
  return builder.batch();
}

/** What a program of steps that do nothing costs: the loop over records, decoding included. */
function programCost(count: number): number {
  const nothing: StepDefinition = {
    ...(steps.get('remove') as StepDefinition),
    changesValue: false,
    create: () => () => undefined,
  };
  const program = new Program({
    component: 'bench',
    env: { clock: context.clock, log: context.log },
    steps: Array.from({ length: count }, (_, i) => ({ id: `s${i}`, definition: nothing, options: {} })),
    codecOf: () => 'json',
    onError: 'dead_letter',
  });
  const ignore = (): void => undefined;
  const emitter: Emitter = {
    forwardAll: ignore,
    forward: ignore,
    forwardBytes: () => false,
    route: ignore,
    drop: ignore,
    reject: ignore,
  };
  const batch = batchOf();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = process.cpuUsage();
    program.run(batch, emitter);
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, ((user + system) * NS_PER_US) / RECORDS);
  }
  return best;
}

print('ns a record');
print(`${'program, 4 steps that do nothing'.padEnd(36)}${programCost(4).toFixed(0).padStart(8)}`);
const rows = new BatchBuilder(['t']);
rows.begin(0, 0, 0);
rows.value('');
for (const [kind, name, options] of cases) {
  const definition = steps.get(kind) as StepDefinition;
  const step = definition.create(definition.options.parse(options), context);
  const record = new StreamRecord();
  const batch = rows.batch();
  const cost = measure(texts, (value) => {
    record.moveTo(batch, 0, value);
    return step(record);
  });
  print(`${name.padEnd(36)}${cost.toFixed(0).padStart(8)}`);
}
rmSync(directory, { recursive: true });
