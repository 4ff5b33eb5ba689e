import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordBatch } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { ByteWay } from '../../src/record/byte-way.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { JsonEncoder } from '../../src/record/json-encoder.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { parse } from '../../src/steps/parse.ts';
import { Program } from '../../src/stream/program.ts';

type Layout = 'apache_common' | 'apache_combined';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const ACCESS_LOG = '../shared/data/access/elastic_apache_logs.log';

function batchOf(values: readonly string[]): RecordBatch {
  const builder = new BatchBuilder(['in']);
  for (const value of values) {
    builder.begin(0, 0, -1);
    builder.value(value);
  }
  return builder.batch();
}

/** What a program of one `parse` makes of values: a text for each, or why it was rejected. `ways` counts the records that went the short way. */
function results(format: Layout, values: readonly string[], shortcut: boolean): { out: string[]; short: number } {
  const out: string[] = [];
  let short = 0;
  const encoder = new JsonEncoder();
  const options = parse.options.parse({ format });
  const program = new Program({
    component: 'test',
    env: { clock: systemClock, log: quiet },
    steps: [{ id: 'parse', definition: parse, options }],
    codecOf: () => 'json',
    onError: 'dead_letter',
  });
  const fresh = (): BatchBuilder => {
    const builder = new BatchBuilder(['out']);
    builder.begin(0, 0, -1);
    return builder;
  };
  program.run(batchOf(values), {
    forwardAll: () => undefined,
    forward: (_batch, _row, value) => {
      const builder = fresh();
      encoder.write(builder, value as JsonObject);
      out.push(builder.batch().valueText(0));
    },
    forwardBytes: (batch, row, way: ByteWay) => {
      const builder = fresh();
      if (!shortcut || !builder.valueFrom(batch, row, way)) return false;
      short += 1;
      const { arena } = builder.batch();
      expect(arena.length).toBeGreaterThan(0);
      out.push(builder.batch().valueText(0));
      return true;
    },
    route: () => undefined,
    drop: () => undefined,
    reject: (_batch, _row, { message }) => out.push(`rejected: ${message}`),
  });
  return { out, short };
}

/** The short way and the ordinary one, to be the same; gives how many records went the short way. */
function compare(format: Layout, values: readonly string[]): number {
  const { out, short } = results(format, values, true);
  expect(out).toEqual(results(format, values, false).out);
  return short;
}

const fileRecord = (message: string, offset: number): string =>
  JSON.stringify({ host: { name: 'web-1' }, log: { file: { path: '/var/log/access.log' }, offset }, message });

/** A text from these pieces, which are what lines are cut at. */
const odd = fc.string({
  unit: fc.constantFrom('"', '\\', '[', ']', ' ', '-', '/', '?', ':', '0', '7', 'a', '.', 'é', '\t', 'Z'),
  maxLength: 6,
});
/** Mostly the first of these, sometimes another one, now and then anything: else hardly a line would be plain. */
const mostly = (plain: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(plain) },
    { weight: 4, arbitrary: fc.constantFrom(...others) },
    { weight: 1, arbitrary: odd },
  );
const host = mostly('10.1.2.3', 'example.org', '::1', '1.2.3', '256.1.1.1', '1.2.3.4.5', '01.2.3.4');
const name = mostly('-', 'ann', 'ann smith', '--');
const time = mostly(
  '17/May/2015:10:05:03 +0000',
  '31/Dec/1999:23:59:59 -0130',
  '17/May/2015:10:05:60 +0000',
  '7/May/2015:10:05:03 +0000',
);
const request = mostly(
  'GET / HTTP/1.1',
  'POST /a/b?c=d&e HTTP/2',
  'GET /? HTTP/1.0',
  'get / HTTP/1.1',
  'GET /a b HTTP/1.1',
  'GET http://x/y HTTP/1.1',
  'GET /',
  'PRI * HTTP/2.0',
  'GET / HTTP/10.1',
  '-',
  '',
);
const number = mostly('200', '-', '0', '007', '-5', '1234567890123456', '12.5', '');
const quoted = mostly('-', '', 'https://example.org/', 'Mozilla/5.0 (X11)', 'a \\"b\\"', 'a\\\\');
const tail = mostly('', ' "x"', ' rt=0.1', 'x', ' ');
const line = fc
  .tuple(host, name, name, time, request, number, number, quoted, quoted, tail)
  .map(([h, i, u, t, r, s, b, f, a, more]) => `${h} ${i} ${u} [${t}] "${r}" ${s} ${b} "${f}" "${a}"${more}`);
const common = fc
  .tuple(host, name, name, time, request, number, number, tail)
  .map(([h, i, u, t, r, s, b, more]) => `${h} ${i} ${u} [${t}] "${r}" ${s} ${b}${more}`);

const PLAIN = '10.1.2.3 - - [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 5 "-" "curl"';

describe.each(['apache_common', 'apache_combined'] as const)('bytes of %s', (format) => {
  it('are what the step makes, whatever is in the line', () => {
    let short = 0;
    fc.assert(
      fc.property(fc.array(format === 'apache_common' ? common : line, { minLength: 1, maxLength: 8 }), (lines) => {
        short += compare(format, lines.map(fileRecord));
      }),
      { numRuns: 3000 },
    );
    // A test in which all records went the ordinary way would hold nothing to anything.
    expect(short).toBeGreaterThan(500);
  });

  it('are what the step makes, whatever stands beside the line', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(0, -0, 1.5, 1e21, 2 ** 60, true, null, 'a"b', 'é', '\u0001'),
    );
    const field = fc.constantFrom(
      'host',
      'log',
      'a',
      'b',
      'event',
      'http',
      '@timestamp',
      'message',
      '__proto__',
      '7',
      '0x',
      'é',
      'a"',
      'tags',
    );
    const members = fc.array(fc.tuple(field, value), { maxLength: 4 });
    fc.assert(
      fc.property(members, members, fc.integer({ min: 1, max: 4 }), (before, after, times) => {
        const write = (list: readonly (readonly [string, unknown])[]): string[] =>
          list.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`);
        const json = `{${[...write(before), `"message":${JSON.stringify(PLAIN)}`, ...write(after)].join(',')}}`;
        compare(format, new Array<string>(times).fill(json));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['a value that is cut short', fileRecord(PLAIN, 1).slice(0, -1)],
    ['a value that is cut short in the line', fileRecord(PLAIN, 1).slice(0, -20)],
    ['a value that is cut short before it', fileRecord(PLAIN, 1).slice(0, 30)],
    ['more behind the value', `${fileRecord(PLAIN, 1)}x`],
    ['blanks', JSON.stringify(JSON.parse(fileRecord(PLAIN, 1)), undefined, 1)],
    ['no number', fileRecord(PLAIN, 1).replace('"offset":1', '"offset":01')],
    ['a name twice', `{"message":"a","message":${JSON.stringify(PLAIN)}}`],
  ])('are not made of %s, between plain ones', (_what, json) => {
    const plain = fileRecord(PLAIN, 7);
    expect(compare(format, [plain, json, plain, json])).toBe(2);
  });

  it('knows several kinds of envelopes, and is not kept busy by endless ones', () => {
    const kinds = (count: number, i: number): string => `{"k${i % count}":1,"message":${JSON.stringify(PLAIN)}}`;
    expect(
      compare(
        format,
        Array.from({ length: 400 }, (_, i) => kinds(4, i)),
      ),
    ).toBe(400);
    expect(
      compare(
        format,
        Array.from({ length: 400 }, (_, i) => kinds(400, i)),
      ),
    ).toBeLessThan(20);
  });
});

describe('bytes of a real access log', () => {
  it.runIf(existsSync(ACCESS_LOG))('are what the step makes of every line, nearly all of them the short way', () => {
    const lines = readFileSync(ACCESS_LOG, 'utf8').trimEnd().split('\n');
    expect(compare('apache_combined', lines.map(fileRecord))).toBeGreaterThan(lines.length * 0.9);
  });
});
