import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { recordOf, stepContext } from '../../test/support/run-step.ts';
import { RecordingLog } from '../../test/support/tasks.ts';
import type { JsonObject } from '../record/json.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { csvRows } from './lookup/csv.ts';
import { lookup } from './lookup.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-lookup-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function fileOf(content: string | Buffer, ending = 'csv'): string {
  files += 1;
  const path = join(directory, `table-${files}.${ending}`);
  writeFileSync(path, content);
  return path;
}

function setUp(options: object) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const step = lookup.create(lookup.options.parse(options), stepContext('look', { clock, log }));
  const run = (value: JsonObject): unknown => {
    const record = recordOf(structuredClone(value));
    const outcome = step(record);
    return outcome ?? record.value;
  };
  return { clock, log, run };
}

const customers = fileOf('id,tier,address.city\n17,gold,"Sant Cugat, del Vallès"\n18,,"a ""b"""\n');

describe('lookup in csv', () => {
  it('puts the columns into the record under their names; the first one is the key', () => {
    const { run } = setUp({ file: customers, field: 'customer.id', into: 'customer' });
    expect(run({ customer: { id: 17, address: { zip: '1' } } })).toEqual({
      customer: { id: 17, tier: 'gold', address: { zip: '1', city: 'Sant Cugat, del Vallès' } },
    });
    expect(run({ customer: { id: '18', tier: 'before' } })).toEqual({
      customer: { id: '18', tier: 'before', address: { city: 'a "b"' } },
    });
  });

  it('puts the chosen columns where they are told to, by another key', () => {
    const { run } = setUp({ file: customers, field: 't', key: 'tier', fields: { id: 'x.id', tier: 'x.tier' } });
    expect(run({ t: 'gold' })).toEqual({ t: 'gold', x: { id: '17', tier: 'gold' } });
  });

  it('reads other separators, line ends and a byte order mark', () => {
    const file = fileOf('\ufeffid;n\r\n\r\na;1\r\n"b;c";2', 'txt');
    const { run } = setUp({ file, format: 'csv', separator: ';', field: 'k' });
    expect([run({ k: 'a' }), run({ k: 'b;c' })]).toEqual([
      { k: 'a', n: '1' },
      { k: 'b;c', n: '2' },
    ]);
  });

  it('passes a miss over, rejects it, or puts the default in', () => {
    const miss = { customer: { id: 99 } };
    const options = { file: customers, field: 'customer.id' };
    expect(setUp(options).run(miss)).toEqual(miss);
    expect(setUp({ ...options, on_miss: 'default', into: 'customer', default: { tier: 'none', 'a.b': null } }).run(miss)).toEqual(
      {
        customer: { id: 99, tier: 'none', a: { b: null } },
      },
    );
    const { run } = setUp({ ...options, on_miss: 'reject' });
    for (const [value, reason] of [
      [miss, /has no such key/],
      [{}, /no such field/],
      [{ customer: { id: [17] } }, /holds a list/],
      [{ customer: { id: 'toString' } }, /has no such key/],
    ] satisfies [JsonObject, RegExp][])
      expect(run(value)).toMatchObject({ code: 'LOOKUP_MISSED', message: expect.stringMatching(reason) as string });
  });
});

describe('lookup in ndjson', () => {
  const hosts = fileOf(
    '{"net":{"ip":"10.0.0.1"},"team":"a","tags":["x"]}\n\n{"net":{"ip":7},"host":{"name":"h"},"n":null}\n',
    'ndjson',
  );

  it('joins the objects of a line into the record', () => {
    const { run } = setUp({ file: hosts, key: 'net.ip', field: 'ip' });
    expect(run({ ip: '10.0.0.1' })).toEqual({ ip: '10.0.0.1', team: 'a', tags: ['x'] });
    expect(run({ ip: '7', host: { os: 'l' } })).toEqual({ ip: '7', host: { os: 'l', name: 'h' }, n: null });
  });

  it('puts chosen fields, also objects, and shares nothing between records', () => {
    const { run } = setUp({ file: hosts, key: 'net.ip', field: 'ip', fields: { tags: 'labels', net: 'net', none: 'none' } });
    const first = run({ ip: '10.0.0.1' }) as { labels: string[]; net: JsonObject };
    expect(first).toEqual({ ip: '10.0.0.1', labels: ['x'], net: { ip: '10.0.0.1' } });
    first.labels.push('y');
    first.net['ip'] = 'changed';
    expect(run({ ip: '10.0.0.1' })).toEqual({ ip: '10.0.0.1', labels: ['x'], net: { ip: '10.0.0.1' } });
  });
});

describe('the file of a table', () => {
  test.each<[string, string | Buffer, object, RegExp]>([
    ['nothing', '', {}, /nothing in it; the first line names the columns/],
    ['a key that is there twice', 'id,a\nx,1\ny,2\nx,3\n', {}, /line 4: the key "x" is there already/],
    ['a short line', 'id,a\nx\n', {}, /line 2 has 1 cells, and the first line 2/],
    ['an open quote', 'id,a\nx,"1\ny,2\n', {}, /line 2: the quote that begins a cell does not end/],
    ['a quote inside', 'id,a\n\nx,"1"2\n', {}, /line 3: something follows the quote/],
    ['two columns of one name', 'id,a,a\nx,1,2\n', {}, /two of its columns have the name "a"/],
    ['no such key', 'id,a\n', { key: 'b' }, /no column "b"; there are id, a/],
    ['no such column', 'id,a\n', { fields: { c: 'c' } }, /no column "c"; there are id, a/],
    ['a column that is no name', 'id,a..b\n', {}, /"a\.\.b" can be no field's name/],
    ['a column that leads to a prototype', 'id,__proto__.x\n', {}, /can be no field's name/],
    ['too many entries', 'id\n1\n2\n3\n', { max_entries: 2 }, /more than 2 entries; raise "max_entries"/],
    ['no text', Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe]), {}, /not UTF-8 text/],
    ['no JSON', '{"k":1}\n{\n', { format: 'ndjson', key: 'k' }, /line 2 is no JSON/],
    ['no object', '{"k":1}\n\n[1]\n', { format: 'ndjson', key: 'k' }, /line 3 is no JSON object/],
    ['no key', '{"a":1}\n', { format: 'ndjson', key: 'k' }, /line 1 has no text or number "k"/],
    ['a key that is a list', '{"k":[1]}\n', { format: 'ndjson', key: 'k' }, /line 1 has no text or number "k"/],
    [
      'a name that is none',
      '{"k":1,"a":{"__proto__":2}}\n',
      { format: 'ndjson', key: 'k' },
      /"a\.__proto__" can be no field's name/,
    ],
    ['deep objects', `{"k":1,"a":${'{"b":'.repeat(60)}1${'}'.repeat(60)}}\n`, { format: 'ndjson', key: 'k' }, /deeper than 50/],
  ])('with %s keeps the task from starting, and says where', (_name, content, options, message) => {
    const file = fileOf(content);
    expect(() => setUp({ file, field: 'k', ...options })).toThrow(
      expect.objectContaining({ code: 'STEP_FILE_INVALID', message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('is read anew as a whole when it has changed, and stays in use where the new one is broken', async () => {
    const file = fileOf('id,v\na,1\nb,1\n');
    const { clock, log, run } = setUp({ file, field: 'k' });
    const replace = async (content: string): Promise<unknown[]> => {
      renameSync(fileOf(content), file);
      for (let i = 0; i < 2; i += 1) {
        await clock.advance(5_000);
        run({ k: 'a' });
      }
      return [run({ k: 'a' }), run({ k: 'b' })];
    };
    expect(await replace('id,v\na,2\n')).toEqual([{ k: 'a', v: '2' }, { k: 'b' }]);
    expect(await replace('id,v\na,3\na,4\n')).toEqual([{ k: 'a', v: '2' }, { k: 'b' }]);
    expect(log.lines.map((line) => line.split(' ')[0])).toEqual(['info', 'warn']);
    expect(await replace('id,w\nb,5\n')).toEqual([{ k: 'a' }, { k: 'b', w: '5' }]);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown ending', { file: 'x.txt', field: 'k' }, /give \\"format\\"/],
    ['ndjson without a key', { file: 'x.jsonl', field: 'k' }, /needs a \\"key\\"/],
    ['a key that is no path', { file: 'x.jsonl', field: 'k', key: 'a..b' }, /no field path of a line/],
    ['a miss without its default', { file: 'x.csv', field: 'k', on_miss: 'default' }, /needs a \\"default\\"/],
    ['a default without its miss', { file: 'x.csv', field: 'k', default: { a: 1 } }, /only with \\"on_miss: default\\"/],
    ['a long separator', { file: 'x.csv', field: 'k', separator: ';;' }, /separator/],
  ])('has options that are refused: %s', (_name, options, message) => {
    expect(JSON.stringify(lookup.options.safeParse(options).error?.issues)).toMatch(message);
  });
});

describe('csv', () => {
  it('reads back any cells that are written as RFC 4180 says', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é', '漢'), maxLength: 8 });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (written, end) => {
        const text = written.map((cells) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')).join(end);
        const read = [...csvRows(text, ',')];
        expect(read.map(({ cells }) => cells)).toEqual(written);
        const lines = written.map((cells) => 1 + cells.join('').split('\n').length - 1);
        expect(read.map(({ line }) => line)).toEqual(lines.map((_, i) => 1 + lines.slice(0, i).reduce((sum, n) => sum + n, 0)));
      }),
    );
  });

  it('reads any text, or says on which line it cannot, and never hangs', () => {
    const odd = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 40 });
    fc.assert(
      fc.property(odd, (text) => {
        try {
          for (const { cells } of csvRows(text, ',')) expect(cells.length).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^line \d+: /);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
